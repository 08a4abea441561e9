import Chat
import Dials
import Events
import Inference
import TestSupport
import Testing
import Tokenization

/// What a person wants of a model's reasoning. The tiny model has no template with a switch for it.
@MainActor
struct ThinkingTests {
  @Test func `the setting is a record, and the model goes on`() async throws {
    let chat = try TinyChat()
    await chat.apply(.think(.hide), .think(.on))
    #expect(
      chat.changes.map { "\($0.key): \($0.old) -> \($0.new)" } == [
        "think: on -> hide", "think: hide -> on",
      ])
    #expect(chat.changes.map(\.change) == [.thinking(.hide), .thinking(.on)])
    #expect(chat.notices.all.isEmpty)
    await chat.session.submit("the cat")
    #expect(chat.ids(turn: 1).count == 8 && chat.turns.last?.opensThought == nil)
  }

  @Test func `a template without a switch is named`() async throws {
    let chat = try TinyChat()
    await chat.apply(.think(.off))
    #expect(chat.settings.thinking == .off)
    #expect(chat.notices.all.count == 1)
    #expect(chat.notices.all[0].text.contains("has no switch for reasoning"))
    let begun = try TinyChat { $0.thinking = .off }
    #expect(begun.notices.all.map(\.text) == chat.notices.all.map(\.text))
    #expect(begun.changes.map(\.change) == [.thinking(.off)])
  }

  @Test func `a session that is loaded goes on with its setting, and the records say what runs`()
    async throws
  {
    try await withTemporaryFolder { folder in
      let chat = try TinyChat { $0.thinking = .hide }
      await chat.session.submit("the cat")
      await chat.apply(.save(to: "\(folder)/s.jsonl"))
      let other = try TinyChat()
      await other.apply(.load(from: "\(folder)/s.jsonl"))
      #expect(other.settings.thinking == .hide)
      #expect(other.changes.last?.session != nil)
    }
  }

  @Test func `a prompt that ends in the mark of reasoning opens a thought`() throws {
    var dialogue = try Dialogue.tiny { $0.isRaw = true }
    dialogue.conversation.say(.user, "the cat <think>\n")
    let prompt = dialogue.prompt()
    #expect(dialogue.request(prompt, answer: 1, looks: []).opensThought)
    let begun = dialogue.model.tokenizer.encode("hm")
    #expect(
      dialogue.request(prompt + begun, answer: 1, begunCount: begun.count, looks: []).opensThought)
    #expect(!dialogue.request(prompt + begun, answer: 1, looks: []).opensThought)
  }

  @Test func `the line that gives an answer again has the setting`() {
    var settings = ChatSettings()
    settings.thinking = .off
    let line = settings.reproLine(model: ModelReference(model: "m.gguf"), prompt: "x")
    #expect(line.hasSuffix(" --think off -p x"))
  }
}
