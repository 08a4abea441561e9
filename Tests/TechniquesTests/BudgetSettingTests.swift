import Dials
import Techniques
import Testing

struct BudgetSettingTests {
  @Test(arguments: [
    ("off", 1), ("80%", 0.8), ("80", 0.8), ("0.8", 0.8), (" 62.5 % ", 0.625), ("100%", 1),
    ("0%", 0), ("1", 1), ("0", 0),
  ])
  func `a budget reads as people write it, and back`(text: String, share: Double) throws {
    let setting = try BudgetSetting.parse(text)
    #expect(setting.share == share)
    #expect(try BudgetSetting.parse("\(setting)") == setting)
  }

  @Test(arguments: ["", "all", "-5%", "120%", "nan", "80%%", "1e9"])
  func `what is no share is refused with a remedy`(text: String) {
    let error = #expect(throws: DialError.self) { _ = try BudgetSetting.parse(text) }
    #expect("\(error.map { "\($0)" } ?? "")".contains("Write"))
  }

  @Test func `a router that says nothing has the big feed-forward`() {
    let rule = FeedForwardRule(offset: 2)
    #expect(rule.action(score: .nan) == .run)
    #expect(rule.action(score: 2) == .small)
    #expect(rule.action(score: 2.01) == .run)
  }

  @Test func `small drafts need a budget`() throws {
    var dials = DialSettings(draft: try DraftSetting.parse("small"))
    #expect(throws: DialError.self) { try dials.validate(blockCount: 4) }
    dials.budget = BudgetSetting(share: 0.6, offset: 0)
    try dials.validate(blockCount: 4)
    #expect(dials.contract == .identical)
    dials.draft = .off
    #expect(dials.contract == .approximate)
  }
}
