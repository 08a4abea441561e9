import Events
import TestSupport
import Testing

struct ModelTests {
  @Test(arguments: 0..<50 as Range<UInt64>)
  func `a model is known by its digest, and by all else where one record has none`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let model = SessionRecord.random(using: &generator).model
    let other = SessionRecord.random(using: &generator).model

    var (here, there) = (model, other)
    (here.sha256, there.sha256) = ("aa", "aa")
    #expect(here.isSame(as: there) && there.isSame(as: here))
    there = model
    there.sha256 = "bb"
    #expect(!here.isSame(as: there) && !there.isSame(as: here))

    there.sha256 = nil
    #expect(here.isSame(as: there) && there.isSame(as: here))
    there.nParams += 1
    #expect(!here.isSame(as: there) && !there.isSame(as: here))
    there.sha256 = "aa"
    #expect(here.isSame(as: there))
  }
}
