import Chat
import Dials
import Events
import Foundation
import Inference
import Techniques
import TestSupport
import Testing
import Tokenization

/// `/continue`: an answer goes on where it stopped.
@MainActor
struct ContinueTests {
  /// A session with a tiny model of this seed that answers in so many tokens.
  private func chat(
    _ seed: UInt64, limit: Int, _ change: (inout ChatSettings) -> Void = { _ in }
  ) throws -> TinyChat {
    try TinyChat(TinyModel(contextLength: 2048, seed: seed)) {
      $0.tokenLimit = limit
      change(&$0)
    }
  }

  private func answer(of chat: TinyChat) throws -> BegunAnswer {
    try #require(BegunAnswer(in: chat.records))
  }

  @Test(arguments: 4..<16 as Range<UInt64>)
  func `an answer that goes on is the one answer of the whole length`(seed: UInt64) async throws {
    let change: (inout ChatSettings) -> Void = {
      $0.sampler.temperature = seed % 2 == 0 ? 0 : 0.8
      if seed % 3 == 0 { $0.draft = Worded(DraftSetting([])) }
    }
    let whole = try chat(seed, limit: 90, change)
    await whole.session.submit("the cat")
    let pieces = try chat(seed, limit: 17, change)
    await pieces.session.submit("the cat")
    for _ in 0..<3 { await pieces.apply(.continueAnswer) }
    let (one, many) = (try answer(of: whole), try answer(of: pieces))
    #expect(one.ids.starts(with: many.ids))
    #expect(one.text.hasPrefix(many.text.prefix { $0 != "\u{FFFD}" }))
    #expect(
      pieces.ends.map { $0.repro != nil } == [true] + pieces.ends.dropFirst().map { _ in false })
    #expect(Set(pieces.turns.map(\.turn)) == [0, 1])
    try await expectOneConversation(pieces, change, seed)
    guard pieces.ends.allSatisfy({ $0.reason == .length }) else { return }
    #expect(many.ids.count > 50)
  }

  /// The records, the conversation and a conversation that is told of the same messages agree.
  private func expectOneConversation(
    _ chat: TinyChat, _ change: (inout ChatSettings) -> Void, _ seed: UInt64
  ) async throws {
    let conversation = chat.session.dialogue.conversation
    #expect(conversation.messages.map(\.role) == [.user, .assistant])
    #expect(
      Conversation(records: chat.records, template: conversation.template) == conversation)
    let text = try answer(of: chat).text
    #expect(conversation.messages.last?.content == text)
    await chat.session.submit("and")
    var dialogue = try Dialogue.tiny(TinyModel(contextLength: 2048, seed: seed)) {
      $0.tokenLimit = 17
      change(&$0)
    }
    dialogue.conversation = conversation
    let fresh = TinyChat(dialogue)
    await fresh.session.submit("and")
    #expect(chat.ids(turn: 3) == fresh.ids(turn: 3))
  }

  @Test func `what cannot go on says why`() async throws {
    let chat = try TinyChat()
    await chat.apply(.continueAnswer)
    #expect(chat.notices.all.map(\.text) == ["There is no answer yet that could go on."])
    await chat.session.submit("the cat")
    await chat.apply(.clear, .continueAnswer)
    #expect(chat.notices.all.count == 2 && chat.ends.isEmpty)
  }

  @Test func `a complete answer stays as it is`() async throws {
    for seed in 4..<40 as Range<UInt64> {
      let chat = try chat(seed, limit: 400) { $0.sampler.temperature = 1.5 }
      await chat.session.submit("the cat")
      guard chat.ends.last?.reason == .stop else { continue }
      let conversation = chat.session.dialogue.conversation
      await chat.apply(.continueAnswer)
      #expect(
        chat.notices.all.map(\.text) == ["The answer is complete: the model ended it itself."])
      #expect(chat.session.dialogue.conversation == conversation && chat.ends.count == 1)
      return
    }
    Issue.record("no model ends its answer")
  }

  @Test func `a circle stops an answer, and it goes on from there`() async throws {
    for seed in 4..<20 as Range<UInt64> {
      let chat = try chat(seed, limit: 600) { $0.sampler.temperature = 0 }
      await chat.session.submit("the cat")
      guard chat.ends.last?.reason == .circle else { continue }
      let stopped = try answer(of: chat)
      await chat.apply(.set(.numPredict, to: "50"), .continueAnswer)
      let later = try answer(of: chat)
      #expect(later.ids.starts(with: stopped.ids) && later.ids.count > stopped.ids.count)
      // A random model may leave its circle, and come to another one.
      guard let end = chat.ends.last, end.reason == .length, let message = end.message else {
        continue
      }
      #expect(message.hasPrefix("The text runs in a circle"))
      #expect(later.ids.count >= stopped.ids.count + 47)
      // Never stopped where a person says so.
      let endless = try self.chat(seed, limit: 600) {
        ($0.sampler.temperature, $0.circleLimit) = (0, 0)
      }
      await endless.session.submit("the cat")
      #expect(endless.ends.last?.reason == .length)
      return
    }
    Issue.record("no model runs in a circle")
  }

  @Test func `a saved answer goes on as it would have, with another model as text`() async throws {
    try await withTemporaryFolder { folder in
      let whole = try chat(4, limit: 17)
      await whole.session.submit("the cat")
      await whole.apply(.save(to: folder + "/s.jsonl"), .continueAnswer)
      let later = try chat(4, limit: 17)
      await later.apply(.load(from: folder + "/s.jsonl"), .continueAnswer)
      let (one, other) = (try answer(of: later), try answer(of: whole))
      #expect(one.ids == other.ids)
      #expect(
        later.session.dialogue.conversation.messages == whole.session.dialogue.conversation.messages
      )
      let stranger = try chat(5, limit: 17)
      await stranger.apply(.load(from: folder + "/s.jsonl"), .continueAnswer)
      #expect(stranger.errors.isEmpty && stranger.ends.count == 2)
      let before = try #require(stranger.turns.last?.text)
      let after = stranger.session.dialogue.conversation.messages.last?.content
      #expect(after?.hasPrefix(before) == true && after != before)
    }
  }

  @Test func `an answer of a model in a file goes on from its exact tokens`() async throws {
    for seed in 4..<16 as Range<UInt64> {
      let isFound = try await withTemporaryFolder { folder in
        let path = folder + "/tiny.gguf"
        try Data(TinyModel(contextLength: 2048, seed: seed).bytes()).write(to: URL(filePath: path))
        var settings = ChatSettings()
        settings.tokenLimit = 17
        let chat = TinyChat(
          try Dialogue(
            model: LoadedModel(path: path, threads: 1), reference: ModelReference(model: path),
            settings: settings))
        await chat.session.submit("the cat")
        let begun = try answer(of: chat)
        // Its text alone would be spelled with other tokens.
        guard begun.ids != chat.session.dialogue.model.tokenizer.encode(begun.text) else {
          return false
        }
        await chat.apply(.continueAnswer)
        #expect(chat.ends.last?.timings.promptN == 1)
        return true
      }
      if isFound { return }
    }
    Issue.record("every model spells its answers as its tokenizer does")
  }

  @Test func `a failure takes nothing from an answer that went on`() async throws {
    let chat = try chat(4, limit: 17) { $0.reach = .full }
    await chat.session.submit("the cat")
    let conversation = chat.session.dialogue.conversation
    let timings = EndRecord.Timings(
      cacheN: 0, promptN: 1, promptMs: 0, predictedN: 0, predictedMs: 0, draftN: 0,
      draftNAccepted: 0)
    let failed = [
      Record.turn(TurnRecord(turn: 1, role: .assistant, text: "x", tNs: 0)),
      .end(EndRecord(turn: 1, reason: .error, timings: timings, tNs: 0)),
    ]
    let told = Conversation(
      records: chat.records + failed, template: conversation.template)
    #expect(told == conversation)
    #expect(BegunAnswer(in: chat.records + failed) == BegunAnswer(in: chat.records))
  }
}
