import Chat
import Dials
import Events
import Inference
import Techniques
import TestSupport
import Testing
import Tokenization

/// Another model in a conversation that runs.
@MainActor
struct ModelChangeTests {
  private static let other = TinyModel(blockCount: 6, seed: 9)

  @Test func `another model reads what was said and answers as if it had been there`() async throws
  {
    let chat = TinyChat(try .tiny(), others: ["other": Self.other])
    await chat.session.submit("the cat")
    let said = chat.session.dialogue.conversation.messages
    await chat.apply(.model("other"))
    await chat.session.submit("and the dog")

    var dialogue = try Dialogue.tiny(Self.other)
    for message in said { dialogue.conversation.say(message.role, message.content) }
    let fresh = TinyChat(dialogue)
    await fresh.session.submit("and the dog")
    #expect(chat.ids(turn: 3).count == 8)
    #expect(chat.ids(turn: 3) == fresh.ids(turn: 3))
    #expect(chat.tokens(turn: 1).allSatisfy { $0.exit.layers == 4 })
    #expect(chat.tokens(turn: 3).allSatisfy { $0.exit.layers == 6 })
    #expect(chat.session.dialogue.reference.model == "other")
    #expect(chat.errors.isEmpty)
  }

  @Test func `the records say which model goes on, and replay`() async throws {
    let chat = TinyChat(try .tiny(), others: ["other": Self.other])
    await chat.session.submit("the cat")
    await chat.apply(.model("other"))
    let session = try #require(chat.changes.last { $0.session != nil }?.session)
    #expect(session.model.nLayer == 6)
    let times = chat.records.compactMap { record -> Int? in
      switch record {
      case .turn(let turn): turn.tNs
      case .parameter(let change): change.tNs
      case .end(let end): end.tNs
      default: nil
      }
    }
    #expect(times == times.sorted())
  }

  @Test func `a model that cannot be had changes nothing`() async throws {
    let chat = TinyChat(try .tiny(), others: ["other": Self.other])
    await chat.session.submit("the cat")
    let before = (chat.session.dialogue.conversation.messages, chat.settings)
    await chat.apply(.model("nobody"))
    #expect(chat.errors == ["nobody: there is no such model"])
    #expect(chat.session.dialogue.conversation.messages == before.0)
    #expect(chat.settings == before.1)
    await chat.session.submit("and the dog")
    #expect(chat.ids(turn: 3).count == 8)
  }

  @Test func `exits and missing blocks are those of one model`() async throws {
    let chat = TinyChat(
      try .tiny { $0.pruned = Worded(BlockSet([BlockIndex(1)])) }, others: ["other": Self.other])
    await chat.apply(.exitPolicy("fixed 2"), .draft("ngram"), .model("other"))
    #expect(chat.session.dialogue.dials.pruned.isEmpty)
    #expect(chat.session.dialogue.dials.exit == .off)
    #expect(chat.settings.draft.words == "ngram")
    #expect(chat.notices.all.last?.text.contains("exits and pruned blocks") == true)
  }
}
