import Dials
import Foundation
import Screen
import Techniques
import TestSupport
import Testing

/// docs/COMMANDS.md, written by the program itself. `make docs` writes it anew.
struct CommandManualTests {
  @Test(.enabled(if: BuiltProgram.path != nil, "the program was not built beside the tests"))
  func `docs/COMMANDS.md is what the program says of itself`() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "docs/COMMANDS.md")
    let manual = try Self.manual()
    if ProcessInfo.processInfo.environment["FATHOM_RECORD"] == "1" {
      try Data(manual.utf8).write(to: file)
    }
    #expect(try String(contentsOf: file, encoding: .utf8) == manual, "`make docs` writes it")
  }

  private static func manual() throws -> String {
    let commands = SlashCommand.forms.map { ($0.usage, $0.summary) }
    let sections = [
      "# Commands",
      "The program wrote this page: `make docs` does it again, and a test compares the two.",
      "## In the conversation", table("command", commands),
      "## Words of settings", "Who drafts, in `/draft` and `--draft`:",
      table(
        "drafter", Catalogue.drafters.filter(\.isSelectable).map { ($0.source.rawValue, $0.help) }),
      "What attention sees, in `/window` and `--window`:",
      table("window", Catalogue.reaches.map { ($0.word, $0.help) }),
      "## Keys", table("key", HelpView.keys), "## Marks", table("mark", HelpView.marks),
      "## On the command line", try help(of: []),
    ]
    return sections.joined(separator: "\n\n") + "\n"
  }

  /// The help of a command and of those below it, each under its name.
  private static func help(of command: [String]) throws -> String {
    let help = try BuiltProgram.run(command + ["--help"], variables: ["COLUMNS": "100"]).output
    let listed = help.split(separator: "SUBCOMMANDS:\n").dropFirst().joined(separator: "\n")
    let below = listed.matches(of: #/(?m)^  ([a-z][a-z-]*) /#).map { command + [String($0.1)] }
    let title = (["fathom"] + command).joined(separator: " ")
    let text = help.trimmingCharacters(in: .whitespacesAndNewlines)
    return (["### \(title)\n\n```text\n\(text)\n```"] + (try below.map(self.help)))
      .joined(separator: "\n\n")
  }

  private static func table(_ title: String, _ rows: [(name: String, text: String)]) -> String {
    let lines = rows.map { name, text in
      "| `\(name.replacing("|", with: "\\|"))` | \(text.replacing("|", with: "\\|")) |"
    }
    return (["| \(title) | |", "| --- | --- |"] + lines).joined(separator: "\n")
  }
}
