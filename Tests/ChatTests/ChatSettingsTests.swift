import Chat
import Dials
import Events
import Techniques
import TestSupport
import Testing

/// What a person sets, as values.
struct ChatSettingsTests {
  private func settings(_ change: (inout ChatSettings) -> Void) -> ChatSettings {
    var settings = ChatSettings()
    change(&settings)
    return settings
  }

  @Test(
    arguments: [
      (\ChatSettings.sampler.temperature, -1, "--temp must be 0 or more."),
      (\.sampler.temperature, .infinity, "--temp must be 0 or more."),
      (\.sampler.topP, 0, "--top-p must be above 0 and at most 1."),
      (\.sampler.topP, 1.5, "--top-p must be above 0 and at most 1."),
      (\.sampler.minP, 1, "--min-p must be at least 0 and below 1."),
      (\.sampler.repeatPenalty, 0, "--repeat-penalty must be above 0."),
    ] as [(WritableKeyPath<ChatSettings, Float> & Sendable, Float, String)])
  func `a share that makes no sense is named by its flag`(
    number: WritableKeyPath<ChatSettings, Float> & Sendable, value: Float, words: String
  ) {
    let settings = settings { $0[keyPath: number] = value }
    #expect(throws: ChatError(words)) { try settings.checkNumbers() }
  }

  @Test(
    arguments: [
      (\ChatSettings.sampler.topK, -1, "--top-k must be 0 or more."),
      (\.sampler.repeatLastN, -1, "--repeat-last-n must be 0 or more."),
      (\.alternativeCount, 21, "--top-logprobs must be between 0 and 20."),
      (\.alternativeCount, -1, "--top-logprobs must be between 0 and 20."),
    ] as [(WritableKeyPath<ChatSettings, Int> & Sendable, Int, String)])
  func `a count that makes no sense is named by its flag`(
    number: WritableKeyPath<ChatSettings, Int> & Sendable, value: Int, words: String
  ) {
    let settings = settings { $0[keyPath: number] = value }
    #expect(throws: ChatError(words)) { try settings.checkNumbers() }
  }

  @Test func `an answer has one token at least`() {
    let settings = settings { $0.tokenLimit = 0 }
    #expect(throws: ChatError("--predict must be 1 or more.")) { try settings.checkNumbers() }
  }

  @Test(arguments: Parameter.allCases)
  func `a number is set to what is typed, and read back`(parameter: Parameter) throws {
    var settings = ChatSettings()
    let value = parameter == .minP ? "0" : "1"
    try settings.set(parameter, to: value)
    #expect(Float(settings.text(of: parameter)) == Float(value))
    let before = settings
    #expect(throws: ChatError("many is not a value for \(parameter.rawValue).")) {
      try settings.set(parameter, to: "many")
    }
    #expect(settings == before)
  }

  @Test func `no limit on new tokens is written as -1, as in ollama`() throws {
    var settings = ChatSettings()
    #expect(settings.text(of: .numPredict) == "-1")
    try settings.set(.numPredict, to: "7")
    #expect(settings.tokenLimit == 7 && settings.text(of: .numPredict) == "7")
    try settings.set(.numPredict, to: "-1")
    #expect(settings.tokenLimit == nil)
    #expect(throws: ChatError.self) { try settings.set(.numPredict, to: "2.5") }
  }

  @Test func `the dials are those that were set`() {
    let settings = settings {
      $0.exit = Worded(.fixed(depth: 2))
      $0.mode = .approximate
      $0.draft = Worded(DraftSetting([.ngram], limit: 70))
      $0.pruned = Worded(BlockSet(indices: [1]))
      $0.shortHead = 0.5
      $0.fill = .propagate
      $0.reach = ReachSetting(.lambda, window: 24, sinks: 2)
    }
    #expect(
      settings.dials
        == DialSettings(
          pruned: BlockSet(indices: [1]), exit: .fixed(depth: 2), mode: .approximate,
          draftLength: 64, draft: DraftSetting([.ngram], limit: 70), shortHead: 0.5,
          fill: .propagate, reach: ReachSetting(.lambda, window: 24, sinks: 2)))
    #expect(ChatSettings().dials == DialSettings(draft: .auto, fill: .catchUp))
  }
}
