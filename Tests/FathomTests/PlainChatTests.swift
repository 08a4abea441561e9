import Events
import Foundation
import Techniques
import TestSupport
import Testing

/// `fathom chat --plain`: a conversation line by line, with a tiny model.
@Suite(.needsProgram)
struct PlainChatTests {
  /// A home of its own with a tiny model.
  private struct Home {
    let folder: String

    func file(_ name: String) -> String { "\(folder)/\(name)" }

    /// Says the lines, one after the other.
    func chat(_ lines: [String], _ arguments: [String] = []) throws -> BuiltProgram.Result {
      let usual = ["-t", "1", "-n", "8", "--temp", "0.8", "--no-history"]
      return try BuiltProgram.run(
        ["chat", "--plain", "-m", file("tiny.gguf")] + usual + arguments,
        variables: ["XDG_DATA_HOME": folder, "XDG_STATE_HOME": folder],
        input: lines.map { $0 + "\n" }.joined())
    }

    /// The records that `/save` left.
    func records(_ name: String) throws -> [Record] {
      try EventLog.records(in: Data(contentsOf: URL(filePath: file(name))))
    }
  }

  private func withHome(_ body: (Home) throws -> Void) async throws {
    try await withTemporaryFolder { folder in
      let home = Home(folder: folder)
      try Data(TinyModel(seed: 4).bytes()).write(to: URL(filePath: home.file("tiny.gguf")))
      try body(home)
    }
  }

  @Test func `a conversation is numbered, saved and shown again`() async throws {
    try await withHome { home in
      let chat = try home.chat(["the cat", "and the dog", "/save \(home.file("s.jsonl"))"])
      #expect(chat.status == 0)
      #expect(chat.errors.isEmpty)
      let records = try home.records("s.jsonl")
      let turns = records.compactMap { if case .turn(let turn) = $0 { turn } else { nil } }
      #expect(turns.map(\.turn) == [0, 1, 2, 3])
      let replay = try BuiltProgram.run(["replay", "--plain", home.file("s.jsonl")])
      #expect(replay.output.contains("You: and the dog"))
    }
  }

  @Test func `a line that begins with a slash is a command, and nothing is said after leaving`()
    async throws
  {
    try await withHome { home in
      let saved = home.file("s.jsonl")
      let chat = try home.chat([
        "/help", "/stats", "/nonsense", "/prune 0-3", "/exit-policy fixed 2", "/save \(saved)",
        "/quit", "never said",
      ])
      #expect(chat.status == 0)
      let lines = chat.output.split(separator: "\n")
      #expect(lines.contains { $0.hasPrefix("/exit-policy off | fixed N") })
      #expect(lines.count { $0.hasPrefix("/") } >= 18)
      #expect(lines.contains("TEXT   IDENTICAL: every block; guesses are verified"))
      #expect(lines.count { $0.hasPrefix("Error:") } == 2)
      #expect(lines.contains("Set: exit-policy from off to fixed 2"))
      #expect(try home.records("s.jsonl").map(\.type) == ["session", "param"])
    }
  }
}
