import Dials
import Techniques
import Testing

struct DialSettingsTests {
  @Test func `plain settings fit every model and promise the dense model's text`() throws {
    for blockCount in 1...4 { try DialSettings.plain.validate(blockCount: blockCount) }
    #expect(DialSettings.plain.contract == .identical)
  }

  @Test(arguments: [
    (DialSettings(exit: .fixed(depth: 3)), Contract.identical),
    (DialSettings(exit: .fixed(depth: 3), mode: .approximate), .approximate),
    (DialSettings(mode: .approximate), .identical),
    (DialSettings(pruned: BlockSet(indices: [1])), .approximate),
    (DialSettings(pruned: BlockSet(indices: [1]), exit: .fixed(depth: 3)), .approximate),
  ])
  func `the contract is what the settings can keep`(settings: DialSettings, contract: Contract) {
    #expect(settings.contract == contract)
  }

  @Test(arguments: [
    (DialSettings(pruned: BlockSet(indices: [4])), DialError.Code.outsideModel),
    (DialSettings(pruned: BlockSet(indices: [127])), .outsideModel),
    (DialSettings(pruned: BlockSet(indices: 0..<4)), .nothingLeft),
    (DialSettings(pruned: BlockSet(indices: 0..<2), exit: .fixed(depth: 2)), .nothingLeft),
    (DialSettings(exit: .fixed(depth: 4)), .outsideModel),
    (DialSettings(exit: .confidence(measure: .top1, points: [])), .nothingLeft),
    (DialSettings(draftLength: 0), .range),
    (DialSettings(draftLength: 65), .range),
  ])
  func `settings that a model of four blocks cannot run are refused`(
    settings: DialSettings, code: DialError.Code
  ) {
    let error = #expect(throws: DialError.self) { try settings.validate(blockCount: 4) }
    #expect(error?.code == code)
  }

  @Test func `an exit behind some pruned blocks is allowed`() throws {
    try DialSettings(pruned: BlockSet(indices: [0, 3]), exit: .fixed(depth: 2))
      .validate(blockCount: 4)
  }

  @Test func `a list of blocks is read for a model, or refused with what the model has`() throws {
    #expect(try BlockSet.parse("1,2", blockCount: 4) == BlockSet(indices: [1, 2]))
    #expect(try BlockSet.parse("none", blockCount: 4) == .none)
    for text in ["4", "0-3", "one"] {
      let error = #expect(throws: DialError.self) { try BlockSet.parse(text, blockCount: 4) }
      #expect(error?.typed == text)
    }
  }
}
