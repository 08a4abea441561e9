import Chat
import Dials
import Events
import Techniques
import TestSupport
import Testing

/// What every command does to the settings, and what the record says of it.
@MainActor
struct CommandTests {
  @Test func `a dial that is turned is in force, and a record says how it stood`() async throws {
    let chat = try TinyChat()
    await chat.apply(
      .exitPolicy("fixed 2"), .mode(.approximate), .prune(BlockSet(indices: [1])), .draft("7"),
      .window("24 sinks 2"))
    #expect(
      chat.changes.map { "\($0.key): \($0.old) -> \($0.new)" } == [
        "exit-policy: off -> fixed 2", "mode: identical -> approximate", "prune: none -> 1",
        "draft: auto -> auto 7", "window: off -> lambda 24, 2 sinks",
      ])
    let dials = DialSettings(
      pruned: BlockSet(indices: [1]), exit: .fixed(depth: 2), mode: .approximate, draftLength: 7,
      draft: DraftSetting(DraftSetting.auto.sources, limit: 7), fill: .catchUp,
      reach: ReachSetting(.lambda, window: 24, sinks: 2))
    #expect(chat.session.dialogue.dials == dials)
    #expect(chat.changes.last?.policy == dials)
    #expect(chat.errors.isEmpty)
  }

  @Test func `a notation that goes on from what is in force does so`() async throws {
    let chat = try TinyChat()
    await chat.apply(
      .draft("ngram,recycle"), .draft("4"), .window("32"), .window("sinks 8"), .window("off"))
    #expect(
      chat.changes.map(\.new) == [
        "ngram,recycle", "ngram,recycle 4", "lambda 32, 16 sinks", "lambda 32, 8 sinks", "off",
      ])
    #expect(chat.settings.reach == .full)
  }

  @Test(
    arguments: [
      (.exitPolicy("fixed 9"), "Write a depth from 1 to 3"),
      (.exitPolicy("deep"), "this is not an exit setting"),
      (.exitPolicy("top1 0.5 gate 0.5"), "no adapter is loaded"),
      (.prune(BlockSet(indices: 0...3)), "Keep at least one"),
      (.prune(BlockSet(indices: [9])), "Its blocks are 0-3"),
      (.draft("many"), "this is not a draft setting"), (.draft("97"), "wider than a pass"),
      (.window("wide"), "this is not a window"), (.window("1000"), "at most 256"),
      (.set(.topP, to: "7"), "--top-p must be above 0 and at most 1."),
      (.set(.numPredict, to: "2.5"), "2.5 is not a value for num_predict."),
      (.set(.seed, to: "-1"), "-1 is not a value for seed."),
      (.adapter("/nowhere/exits.gguf"), "/nowhere/exits.gguf"),
      (.preset(.saving), "Give one with --adapter."), (.load(from: "/nowhere"), "/nowhere"),
      (.save(to: "/dev/null/x"), "/dev/null/x"),
    ] as [(SessionCommand, String)])
  func `a wrong turn changes nothing and says what would be right`(
    command: SessionCommand, words: String
  ) async throws {
    let chat = try TinyChat()
    let (settings, dials) = (chat.settings, chat.session.dialogue.dials)
    await chat.apply(command)
    #expect(chat.errors.count == 1 && chat.errors[0].contains(words), "\(chat.errors)")
    #expect(chat.settings == settings && chat.session.dialogue.dials == dials)
    #expect(chat.records.count == 1)
  }

  @Test func `a number of the sampler is set as typed`() async throws {
    let chat = try TinyChat()
    await chat.apply(
      .set(.temperature, to: "0.70"), .set(.topK, to: "3"), .set(.seed, to: "18446744073709551615"),
      .set(.numPredict, to: "-1"))
    #expect(
      chat.changes.map { "\($0.key): \($0.old) -> \($0.new)" } == [
        "temperature: 0.8 -> 0.70", "top_k: 40 -> 3", "seed: 42 -> 18446744073709551615",
        "num_predict: 8 -> -1",
      ])
    #expect(chat.settings.sampler.temperature == 0.7 && chat.settings.sampler.topK == 3)
    #expect(chat.settings.sampler.seed == .max && chat.settings.tokenLimit == nil)
    #expect(chat.changes.allSatisfy { $0.policy == nil })
  }

  @Test func `the next answer goes as deep as the dials say`() async throws {
    let chat = try TinyChat { $0.tokenLimit = 3 }
    await chat.apply(
      .exitPolicy("fixed 2"), .mode(.approximate), .prune(BlockSet(indices: [1])), .draft("7"),
      .set(.topK, to: "3"))
    await chat.session.submit("the cat")
    #expect(chat.tokens(turn: 1).map(\.depth.description) == ["#x##", "!x..", "!x.."])
  }

  @Test func `what is said of blocks needs a measurement`() async throws {
    let chat = try TinyChat()
    await chat.apply(.listBlocks, .export(nil, to: "/nowhere/x.gguf"), .compare, .regenerate)
    #expect(
      chat.notices.all.map(\.text) == [
        "No block of this model was measured yet: /prune measure does.",
        "No block is left out: the file would be the model's own.",
        "There is no answer yet that could be compared.",
        "There is no answer yet that could be given again.",
      ])
    #expect(chat.records.count == 1)
  }
}
