import Chat
import Dials
import Events
import Inference
import TestSupport
import Testing
import Tokenization

/// A conversation beyond its context: whole turns leave, what is pinned stays.
@MainActor
struct SightTests {
  @Test(arguments: 0..<12)
  func `pinned turns survive any number of evictions`(seed: UInt64) async throws {
    var generator = SeededGenerator(seed: 1200 + seed)
    let isFramed = Bool.random(using: &generator)
    let chat = try TinyChat(contextLength: 256) {
      $0.system = isFramed ? "Be brief." : nil
      $0.tokenLimit = 4
    }
    var evictions = 0
    for step in 0..<30 {
      let letters = Int.random(in: 1...30, using: &generator)
      await chat.session.submit(String(repeating: "a", count: letters) + "\(step)")
      if step % 7 == 2 { await chat.apply(.turns(.pin(turn: step + 1))) }
      guard let sight = chat.session.dialogue.sight else { continue }
      let said = chat.session.dialogue.conversation
      let gone = sight.forgotten(at: sight.prompt.count)
      evictions += gone.turns.isEmpty ? 0 : 1
      let held = said.pinned.subtracting(sight.unheld).filter { $0 < said.turns.count }
      #expect(held.allSatisfy { !gone.turns.contains($0) })
      #expect(!gone.turns.contains(said.turns.count) && !gone.messages.contains(0))
      // What is pinned is in front, word for word, and always seen.
      let front =
        said.messages.prefix { $0.role == .system }
        + held.sorted().flatMap { said.messages[said.turns[$0 - 1]] }
      let model = chat.session.dialogue.model
      let tokens = model.tokenizer.encode(
        chat: Array(front), template: said.template, addGenerationPrompt: false)
      #expect(Array(sight.prompt.prefix(tokens.count)) == tokens)
      #expect(sight.reach.sinks >= tokens.count)
      #expect(
        Set(gone.messages.members) == Set(gone.turns.members.flatMap { said.turns[$0 - 1] }))
    }
    #expect(evictions > 3 && chat.errors.isEmpty)
    let told = chat.changes.filter { if case .forgotten = $0.change { true } else { false } }
    #expect(!told.isEmpty && zip(told, told.dropFirst()).allSatisfy { $0.new == $1.old })
    #expect(chat.ends.allSatisfy { $0.reason != .error })
  }

  @Test func `a pinned turn in the middle comes to the front, and the text stays as it was said`()
    async throws
  {
    let chat = try TinyChat(contextLength: 200) { $0.tokenLimit = 3 }
    for text in ["one", "two", "three"] { await chat.session.submit(text) }
    await chat.apply(.turns(.pin(turn: 3)), .turns(.unpin(turn: 1)), .window("64 turns"))
    await chat.session.submit("four")
    let dialogue = chat.session.dialogue
    #expect(dialogue.conversation.messages.filter { $0.role == .user }.map(\.content).count == 4)
    let sight = try #require(dialogue.sight)
    let text = dialogue.model.tokenizer.decode(sight.prompt[...], renderSpecial: true)
    let places = ["three", "one", "two", "four"].compactMap { text.firstRange(of: $0)?.lowerBound }
    #expect(places.count == 4 && places == places.sorted())
  }

  @Test func `an answer that comes to the end of the context in its middle goes on`() async throws {
    let chat = try TinyChat(contextLength: 96) {
      $0.tokenLimit = nil
      $0.circleLimit = 0
      $0.sampler.temperature = 2
    }
    await chat.session.submit("the cat")
    let reasons = chat.ends.map(\.reason)
    if reasons.first == .context {
      #expect(reasons.count == 2 && reasons.last != .context && reasons.last != .error)
      #expect(chat.turns.last?.text.isEmpty == false && chat.settings.reach != nil)
    }
    #expect(chat.errors.isEmpty)
  }
}
