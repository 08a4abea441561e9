import Foundation
import Screen
import TestSupport
import Testing

/// What README.md tells to type, held against the program.
struct ReadmeTests {
  /// What stands in code spans and in blocks of shell commands, a line each.
  private static let typed: [String] = {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "README.md")
    let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
    let blocks = text.matches(of: /(?s)```sh\n(.*?)```/).flatMap { $0.1.split(separator: "\n") }
    let spans = text.replacing(/(?s)```.*?```/, with: "").matches(of: /`([^`\n]+)`/).map(\.1)
    return (blocks + spans).map(String.init)
  }()

  @Test func `every slash command that README names is one`() {
    let named = Self.typed.compactMap { $0.firstMatch(of: /^(\/[a-z-]+)(?: |$)/)?.1 }.map(
      String.init)
    let known = Set(SlashCommand.forms.flatMap(\.names))
    #expect(named.count > 10)
    for name in named { #expect(known.contains(name), "\(name)") }
    for form in SlashCommand.forms {
      #expect(form.names.contains(where: named.contains), "README does not name \(form.names[0])")
    }
  }

  @Test(.needsProgram)
  func `every option that README names is in the program's help`() throws {
    let commands = [
      "chat", "run", "replay", "bench", "eval", "prune", "prune-table", "export", "tune exits",
      "tune lite", "tune answers", "calibrate", "passkey", "pull", "list", "show", "tokenize",
    ].map { $0.split(separator: " ").map(String.init) }
    let help = try commands.map { try BuiltProgram.run($0 + ["--help"]).output }.joined()
    let known = Set(Self.options(in: help))
    let named = Self.typed.flatMap(Self.options)
    #expect(named.count > 30)
    for option in named { #expect(known.contains(option), "\(option)") }
  }

  /// Words that begin with one or two hyphens and go on with a letter.
  private static func options(in text: String) -> [String] {
    text.split { !$0.isLetter && $0 != "-" }.map(String.init)
      .filter { $0.contains(/^--?[a-z]/) }
  }
}
