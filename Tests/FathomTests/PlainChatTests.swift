import Dials
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

  private func ids(_ records: [Record], turn: Int) -> [TokenID] {
    records.compactMap {
      if case .token(let token) = $0, token.phase == .gen, token.turn == turn {
        token.id
      } else {
        nil
      }
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
      #expect(turns.map(\.role) == [.user, .assistant, .user, .assistant])
      #expect(turns[3].nCached > 0)
      let lines = records.compactMap { if case .end(let end) = $0 { end.repro } else { nil } }
      // What came before is not in a command line, so only the first answer has one.
      #expect(lines.count == 1)
      #expect(lines.first?.hasSuffix("-p 'the cat'") == true)
      let replay = try BuiltProgram.run(["replay", "--plain", home.file("s.jsonl")])
      #expect(replay.output.contains("You: and the dog"))
    }
  }

  @Test func `a loaded session goes on as it would have`() async throws {
    try await withHome { home in
      let whole = home.file("whole.jsonl")
      let half = home.file("half.jsonl")
      _ = try home.chat(["the cat", "and the dog", "/save \(whole)"], ["-sys", "Be brief."])
      _ = try home.chat(["the cat", "/save \(half)"], ["-sys", "Be brief."])
      let later = home.file("later.jsonl")
      let chat = try home.chat(["/load \(half)", "and the dog", "/save \(later)"])
      #expect(!chat.output.contains("Error:"))
      let expected = ids(try home.records("whole.jsonl"), turn: 4)
      #expect(!expected.isEmpty)
      #expect(ids(try home.records("later.jsonl"), turn: 4) == expected)
      #expect(
        ids(try home.records("later.jsonl"), turn: 2)
          == ids(try home.records("half.jsonl"), turn: 2))
    }
  }

  @Test func `an answer given again takes the place of the last, with the next seed`() async throws
  {
    try await withHome { home in
      let saved = home.file("s.jsonl")
      let chat = try home.chat(["/regen", "the cat", "/regen", "and", "/save \(saved)"])
      #expect(chat.output.contains("There is no answer yet"))
      let records = try home.records("s.jsonl")
      let turns = records.compactMap { if case .turn(let turn) = $0 { turn } else { nil } }
      #expect(turns.map(\.turn) == [0, 1, 1, 2, 3])
      let seeds = records.compactMap {
        if case .parameter(let change) = $0, change.key == "seed" { change.new } else { nil }
      }
      #expect(seeds == ["43"])
      let again = try BuiltProgram.run([
        "run", "-m", home.file("tiny.gguf"), "-n", "8", "--temp", "0.8", "--seed", "43", "--json",
        "-p", "the cat",
      ])
      let expected = ids(try EventLog.records(in: Data(again.output.utf8)), turn: 1)
      #expect(ids(records, turn: 1).suffix(expected.count) == expected[...])
    }
  }

  @Test func `a dial that is turned is a record, and a wrong turn changes nothing`() async throws {
    try await withHome { home in
      let saved = home.file("s.jsonl")
      let chat = try home.chat([
        "/exit-policy fixed 2", "/mode approximate", "/prune 1", "/draft 7", "/set top_k 3",
        "/exit-policy fixed 9", "/prune 0-3", "/set top_p 7", "/set num_predict 2.5",
        "/set num_predict 3", "/nonsense", "the cat", "/save \(saved)",
      ])
      let records = try home.records("s.jsonl")
      let changes = records.compactMap {
        if case .parameter(let change) = $0 { change } else { nil }
      }
      #expect(
        changes.map(\.key) == [
          "exit-policy", "mode", "prune", "draft", "top_k", "num_predict",
        ])
      #expect(
        changes.last { $0.policy != nil }?.policy
          == DialSettings(
            pruned: BlockSet(indices: [1]), exit: .fixed(depth: 2), mode: .approximate,
            draftLength: 7, draft: DraftSetting(DraftSetting.auto.sources, limit: 7),
            fill: .catchUp))
      #expect(chat.output.split(separator: "\n").count { $0.hasPrefix("Error:") } == 5)
      let tokens = records.compactMap { if case .token(let token) = $0 { token } else { nil } }
      #expect(tokens.map(\.depth.description) == ["#x##", "!x..", "!x.."])
    }
  }

  @Test func `clearing and new instructions begin a new session`() async throws {
    try await withHome { home in
      let saved = home.file("s.jsonl")
      _ = try home.chat(["the cat", "/clear", "a dog", "/save \(saved)"], ["-sys", "Be brief."])
      let cleared = try home.records("s.jsonl")
      let texts = { (records: [Record]) in
        records.compactMap { if case .turn(let turn) = $0 { turn.text } else { nil } }
      }
      #expect(texts(cleared) == ["Be brief.", "a dog", ""])
      _ = try home.chat(["the cat", "/system Be long.", "a dog", "/save \(saved)"])
      #expect(texts(try home.records("s.jsonl")) == ["Be long.", "a dog", ""])
      // As if it had been so from the beginning.
      let fresh = home.file("fresh.jsonl")
      _ = try home.chat(["a dog", "/save \(fresh)"], ["-sys", "Be long."])
      #expect(
        ids(try home.records("s.jsonl"), turn: 2) == ids(try home.records("fresh.jsonl"), turn: 2))
    }
  }

  @Test func `a message that does not fit is not part of the conversation`() async throws {
    try await withHome { home in
      let saved = home.file("s.jsonl")
      let long = String(repeating: "x", count: 300)
      let chat = try home.chat(["the cat", long, "and", "/save \(saved)"], ["--window", "off"])
      #expect(chat.output.contains("/clear"))
      let records = try home.records("s.jsonl")
      let reasons = records.compactMap { if case .end(let end) = $0 { end.reason } else { nil } }
      #expect(reasons.count == 3)
      #expect(reasons[1] == .error)
      let short = home.file("short.jsonl")
      _ = try home.chat(["the cat", "and", "/save \(short)"])
      #expect(ids(records, turn: 3) == ids(try home.records("short.jsonl"), turn: 3))
      // And loaded again it is not part of it either.
      let later = home.file("later.jsonl")
      _ = try home.chat(["/load \(saved)", "more", "/save \(later)"])
      let expected = home.file("expected.jsonl")
      _ = try home.chat(["/load \(short)", "more", "/save \(expected)"])
      #expect(
        ids(try home.records("later.jsonl"), turn: 5)
          == ids(try home.records("expected.jsonl"), turn: 5))
    }
  }
}
