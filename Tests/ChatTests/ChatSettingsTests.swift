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
      (.temperature, "-1", "--temp must be 0 or more."),
      (.temperature, "inf", "--temp must be 0 or more."),
      (.topK, "-1", "--top-k must be 0 or more."),
      (.topP, "0", "--top-p must be above 0 and at most 1."),
      (.topP, "1.5", "--top-p must be above 0 and at most 1."),
      (.minP, "1", "--min-p must be at least 0 and below 1."),
      (.repeatPenalty, "0", "--repeat-penalty must be above 0."),
      (.repeatLastN, "-1", "--repeat-last-n must be 0 or more."),
      (.numPredict, "0", "--predict must be 1 or more."),
    ] as [(Parameter, String, String)])
  func `a number that makes no sense is named by its flag`(
    parameter: Parameter, value: String, words: String
  ) {
    var settings = ChatSettings()
    #expect(throws: ChatError(words)) { try settings.set(parameter, to: value) }
  }

  @Test(arguments: [-1, 21])
  func `a record lists 20 alternatives at most`(count: Int) {
    let settings = settings { $0.alternativeCount = count }
    #expect(throws: ChatError("--top-logprobs must be between 0 and 20.")) {
      try settings.checkNumbers()
    }
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
      $0.budget = BudgetSetting(share: 0.8)
    }
    #expect(
      settings.dials
        == DialSettings(
          pruned: BlockSet(indices: [1]), exit: .fixed(depth: 2), mode: .approximate,
          draftLength: 64, draft: DraftSetting([.ngram], limit: 70), shortHead: 0.5,
          fill: .propagate, reach: ReachSetting(.lambda, window: 24, sinks: 2),
          budget: BudgetSetting(share: 0.8)))
    #expect(ChatSettings().dials == DialSettings(draft: .auto, fill: .catchUp))
  }
}
