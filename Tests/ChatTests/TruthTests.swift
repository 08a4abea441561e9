import Chat
import Dials
import Events
import Foundation
import Inference
import Screen
import Techniques
import TestSupport
import Testing

/// What the screen says over an answer is so, whatever a person did before, between and after.
@MainActor
struct TruthTests {
  /// Anything that a person may ask for; some of it is refused.
  private static func command(
    _ folder: String, using generator: inout SeededGenerator
  ) -> SessionCommand {
    let commands: [SessionCommand] = [
      .exitPolicy("off"), .exitPolicy("fixed 2"), .exitPolicy("top1 0.05"),
      .exitPolicy("top1 0.02 at 1 gate 0.4"), .mode(.approximate), .mode(.approximate),
      .mode(.identical), .preset(.saving), .preset(.off), .draft("off"), .draft("auto"),
      .draft("ngram 3"), .prune(BlockSet(indices: [1])), .prune(.none), .window("24 sinks 2"),
      .window("off"), .set(.temperature, to: "0.8"), .set(.temperature, to: "0"),
      .set(.seed, to: "7"), .adapter(nil), .adapter("\(folder)/exits.gguf"),
      .adapter("\(folder)/lora.gguf"), .regenerate, .regenerate, .clear,
      .save(to: "\(folder)/talk.jsonl"), .load(from: "\(folder)/talk.jsonl"),
    ]
    return commands.randomElement(using: &generator) ?? .clear
  }

  @inline(never)
  private func chat(in folder: String) throws -> TinyChat {
    let home = try TinyHome(in: folder, depths: [1, 2], saving: "top1 0.05 at 1,2")
    var change = TinyLowRank(base: home.tiny)
    change.sha256 = home.digest
    try Data(change.bytes()).write(to: URL(filePath: "\(folder)/lora.gguf"))
    var settings = ChatSettings()
    settings.tokenLimit = 6
    return TinyChat(
      try Dialogue(
        model: LoadedModel(path: home.model, threads: 1),
        reference: ModelReference(model: home.model),
        settings: settings))
  }

  @Test(arguments: 0..<6)
  func `the tag above an answer is the contract of that answer's own record`(
    seed: UInt64
  ) async throws {
    try await withTemporaryFolder { folder in
      var generator = SeededGenerator(seed: 9000 + seed)
      let chat = try chat(in: folder)
      await chat.session.submit("the cat")
      await chat.apply(.save(to: "\(folder)/talk.jsonl"))
      for step in 0..<40 {
        if Int.random(in: 0..<3, using: &generator) == 0 {
          await chat.session.submit("step \(step)")
        } else {
          await chat.apply(Self.command(folder, using: &generator))
        }
        try check(chat.records)
      }
      let answers = chat.records.compactMap { record -> Int? in
        if case .turn(let turn) = record { turn.answer } else { nil }
      }
      #expect(answers == Array(1...max(1, answers.count)))
    }
  }

  /// What the screen shows after each record is what the newest answer's own record says and what its tokens
  /// show.
  private func check(_ records: [Record]) throws {
    var state = ScreenState()
    var made: AnswerSettings?
    for record in records {
      _ = state.update(.record(record))
      switch record {
      case .session: made = nil
      case .turn(let turn) where turn.role == .assistant:
        made = turn.made
        #expect(turn.made != nil && turn.answer != nil)
      case .token(let token):
        let settings = try #require(made)
        if token.phase == .gen, token.exit.left != nil || token.depth.marks.contains(.pruned) {
          #expect(settings.contract == .approximate)
        }
        #expect(token.answer == state.tally?.answer)
      case .check: #expect(made.map { $0.contract != .identical } == true)
      default: break
      }
      guard let made else { continue }
      #expect(state.shown == made)
      // Tokens change no tag: a frame for each would take long.
      if case .token = record { continue }
      #expect(draw(state.sized(24, 120)).lines[0].contains(made.contract.words))
    }
  }

  @Test func `what is saved and loaded goes on under its settings, and the record says so`()
    async throws
  {
    try await withTemporaryFolder { folder in
      let chat = try chat(in: folder)
      await chat.apply(.mode(.approximate), .exitPolicy("fixed 2"), .set(.seed, to: "9"))
      await chat.session.submit("the cat")
      let made = chat.session.dialogue.made
      await chat.apply(.save(to: "\(folder)/early.jsonl"))
      let other = try self.chat(in: folder)
      await other.session.submit("something else")
      await other.apply(.load(from: "\(folder)/early.jsonl"))
      #expect(other.session.dialogue.made == made)
      await other.session.submit("and")
      let last = other.turns.last { $0.role == .assistant }
      #expect(last?.made == made && last?.answer == 2)
      #expect(other.tokens(turn: last?.turn ?? 0).dropFirst().allSatisfy { $0.exit.left != nil })
      // Who replays the file sees what ran.
      var state = ScreenState()
      for record in other.records { _ = state.update(.record(record)) }
      #expect(state.shown == made && state.pending == nil)
      #expect(state.session?.id != "" && state.passages.count > 3)
    }
  }

  @Test func `what a preset set goes with it when a person chooses exits by hand`() async throws {
    try await withTemporaryFolder { folder in
      let chat = try chat(in: folder)
      await chat.apply(.adapter("\(folder)/exits.gguf"), .preset(.saving))
      #expect(chat.session.dialogue.made.contract == .approximate)
      await chat.apply(.exitPolicy("off"))
      #expect(chat.session.dialogue.made.contract == .identical)
      #expect(chat.settings.fill == ChatSettings().fill && chat.settings.shortHead == nil)
      #expect(chat.presets.last == "off")
      await chat.apply(.preset(.saving), .prune(BlockSet(indices: [1])))
      #expect(chat.presets.last == "saving, uncertified: pruned blocks")
      await chat.apply(.prune(.none), .mode(.identical))
      #expect(chat.presets.last == "off" && chat.session.dialogue.dials.exit != .off)
      await chat.apply(.mode(.approximate), .exitPolicy("fixed 1"))
      #expect(chat.settings.mode == .identical && chat.settings.fill == ChatSettings().fill)
      #expect(chat.errors.isEmpty)
    }
  }
}

extension ScreenState {
  fileprivate func sized(_ rows: Int, _ columns: Int) -> ScreenState {
    var state = self
    _ = state.update(.resized(rows: rows, columns: columns))
    return state
  }
}
