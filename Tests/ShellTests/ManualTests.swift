import Foundation
import Shell
import Testing

struct ManualTests {
  @Test func `no text of the page is a request or an escape`() {
    var page = ManualText(name: "x", version: "1", date: "", title: "T")
    page.paragraphs(".one\n'two \\three -four\n\nfive \"six\" – `")
    page.item("-a", ".b")
    let lines = page.text.split(separator: "\n").map(String.init)
    #expect(
      lines.contains("\\&.one") && lines.contains("\\&\\(aqtwo \\ethree \\-four")
        || lines.contains("\\(aqtwo \\ethree \\-four"))
    #expect(lines.contains("five \\(dqsix\\(dq \\[u2013] \\(ga"))
    #expect(lines.contains("\\fB\\-a\\fR") && lines.contains("\\&.b"))
  }

  @Test func `a page shows each command's options, with their defaults, and hides what is hidden`()
    throws
  {
    let dump = """
      {"serializationVersion": 0, "command": {"commandName": "x", "abstract": "Does it.",
       "subcommands": [
        {"commandName": "run", "abstract": "Run it.", "discussion": "At length.", "arguments": [
          {"kind": "option", "names": [{"kind": "short", "name": "n"}, {"kind": "long", "name": "count"}],
           "valueName": "n", "abstract": "How many.", "defaultValue": "5", "isRepeating": false,
           "isOptional": true, "shouldDisplay": true, "parsingStrategy": "default", "sectionTitle": "Numbers"},
          {"kind": "flag", "names": [{"kind": "long", "name": "secret"}], "shouldDisplay": false}]},
        {"commandName": "hidden", "shouldDisplay": false}, {"commandName": "help"}]}}
      """
    let root = try CommandShape(dump: Data(dump.utf8))
    #expect(root.children.map(\.name) == ["run", "hidden"])
    let text = ManualPage(
      root: root, version: "1", groups: [("Talk", ["run"])],
      sections: [("exit status", "", [("3", "No.")])], examples: [("x run", "Like so:")]
    ).text
    for part in [
      "x \\- does it", ".SS \"Talk\"", ".SH \"X RUN\"", ".SS \"Numbers\"", "\\-n, \\-\\-count N",
      "How many. Default: 5.", ".SH \"EXIT STATUS\"", "Like so:",
    ] { #expect(text.contains(part), "\(part)") }
    #expect(!text.contains("secret") && !text.contains("HIDDEN"))
  }
}
