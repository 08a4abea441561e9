import Chat
import Dials
import Events
import Inference
import Techniques
import TestSupport
import Testing
import Tokenization

/// What is said, to which model and under which settings.
struct DialogueTests {
  private let long = String(repeating: "the land of the free and the home of the brave. ", count: 3)

  @Test func `only the first answer has the line that gives it again`() throws {
    var dialogue = try Dialogue.tiny()
    dialogue.conversation.say(.user, "the cat")
    let prompt = dialogue.prompt()
    let first = dialogue.request(prompt, answer: 1, looks: .lens)
    #expect(first.turn == 1 && first.prompt == prompt && first.looks == .lens)
    #expect(first.answer == 1 && first.made == dialogue.made)
    #expect(first.repro?.hasPrefix("fathom run -m tiny.gguf") == true)
    #expect(first.repro?.hasSuffix("-p 'the cat'") == true)
    dialogue.conversation.say(.assistant, "sat")
    dialogue.conversation.say(.user, "and")
    let second = dialogue.request(dialogue.prompt(), answer: 2, looks: [])
    #expect(second.turn == 3 && second.repro == nil && second.looks == [])
  }

  @Test func `the whole model is asked where the text may not be its own`() throws {
    let pruned = try Dialogue.tiny { $0.pruned = Worded(BlockSet(indices: [1])) }
    #expect(pruned.request([], answer: 1, looks: .lens).looks == [.lens, .check])
    let window = try Dialogue.tiny { $0.reach = ReachSetting(.lambda, window: 24, sinks: 2) }
    #expect(window.request([], answer: 1, looks: []).looks == .check)
    #expect(try Dialogue.tiny().request([], answer: 1, looks: []).looks == [])
  }

  @Test func `instructions come first, raw text comes alone`() throws {
    let framed = try Dialogue.tiny { $0.system = "Be brief." }
    #expect(framed.conversation.messages == [ChatMessage(.system, "Be brief.")])
    #expect(framed.conversation.template == framed.model.template)
    #expect(try Dialogue.tiny { $0.isRaw = true }.conversation.template == .raw)
  }

  @Test func `a prompt that comes to the end of the context gets a window`() throws {
    var dialogue = try Dialogue.tiny(contextLength: 64)
    dialogue.conversation.say(.user, long)
    #expect(dialogue.prompt().count > 64)
    let prompt = try dialogue.comingPrompt()
    let reach = ReachSetting(.lambda, window: 32, sinks: 16, distance: .cacheIndex, turns: true)
    #expect(dialogue.dials.reach == reach && dialogue.settings.reach == reach)
    #expect(try dialogue.comingPrompt() == prompt && dialogue.settings.reach == reach)
    let request = dialogue.request(prompt, answer: 1, looks: [])
    #expect(
      request.repro?.contains("--window 'lambda 32 sinks 16 cache-index turns'") == true)
    #expect(try ReachSetting.parse(reach.spelling) == reach)
  }

  @Test func `an answer that nothing limits ends after as many tokens as the context has`() throws {
    var dialogue = try Dialogue.tiny(contextLength: 64) { $0.tokenLimit = nil }
    dialogue.conversation.say(.user, "the cat")
    let short = try dialogue.comingPrompt()
    #expect(dialogue.request(short, answer: 1, looks: []).tokenLimit == nil)
    dialogue.conversation.say(.user, long)
    let prompt = try dialogue.comingPrompt()
    #expect(dialogue.request(prompt, answer: 1, looks: []).tokenLimit == 64)
  }

  @Test func `who chose a reach keeps it, and a short prompt needs none`() throws {
    var chosen = try Dialogue.tiny(contextLength: 64) { $0.reach = .full }
    chosen.conversation.say(.user, long)
    _ = try chosen.comingPrompt()
    #expect(chosen.settings.reach == .full)
    var short = try Dialogue.tiny(contextLength: 64)
    short.conversation.say(.user, "a")
    _ = try short.comingPrompt()
    #expect(short.settings.reach == nil)
    #expect(ReachSetting.needed(forPrompt: 48, tokenLimit: 8, contextLength: 64) == nil)
    #expect(ReachSetting.needed(forPrompt: 57, tokenLimit: 8, contextLength: 64) != nil)
    #expect(ReachSetting.needed(forPrompt: 300, tokenLimit: 8, contextLength: 308) == nil)
  }

  private static func settings(_ change: (inout ChatSettings) -> Void) -> ChatSettings {
    var settings = ChatSettings()
    change(&settings)
    return settings
  }

  @Test(arguments: [
    (DialogueTests.settings { $0.exit = Worded(.fixed(depth: 9)) }, "Write a depth from 1 to 3"),
    (DialogueTests.settings { $0.pruned = Worded(BlockSet(indices: 0...3)) }, "Keep at least one"),
    (
      DialogueTests.settings { $0.reach = ReachSetting(.lambda, window: 4, sinks: 5) },
      "Write a number from 0 to 4"
    ),
    (
      DialogueTests.settings { $0.reach = ReachSetting(.lambda, window: 1000, sinks: 0) },
      "at most 256"
    ),
    (DialogueTests.settings { $0.sampler.topP = 7 }, "--top-p must be above 0 and at most 1"),
  ])
  func `settings that the model cannot run are refused with a remedy, and nothing changes`(
    changed: ChatSettings, remedy: String
  ) throws {
    var dialogue = try Dialogue.tiny()
    let (settings, dials) = (dialogue.settings, dialogue.dials)
    let error = #expect(throws: (any Error).self) { try dialogue.put(changed) }
    #expect(error.map { "\($0)" }?.contains(remedy) == true, "\(error.map { "\($0)" } ?? "")")
    #expect(dialogue.settings == settings && dialogue.dials == dials)
  }

  @MainActor @Test func `records tell a conversation, with the last of answers given again`()
    async throws
  {
    let chat = try TinyChat { $0.system = "Be brief." }
    await chat.session.submit("the cat")
    await chat.apply(.regenerate)
    let conversation = chat.session.dialogue.conversation
    let told = Conversation(
      records: chat.records, template: conversation.template)
    #expect(told == conversation)
    #expect(told.messages.count == 3)
  }
}
