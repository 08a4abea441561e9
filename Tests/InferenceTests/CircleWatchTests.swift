import Dials
import Inference
import TestSupport
import Testing

/// What counts as a circle.
struct CircleWatchTests {
  /// The definition, by looking back over the whole text: the shortest period that its end has.
  private func circle(in text: [Int], times: Int, length: Int) -> (period: Int, times: Int)? {
    for period in 1...CircleWatch.longestPeriod where period < text.count {
      var said = period
      while said < text.count, text[text.count - 1 - said] == text[text.count - 1 - said + period] {
        said += 1
      }
      if said > period, said >= length, said >= times * period { return (period, said / period) }
    }
    return nil
  }

  @Test(arguments: 0..<12)
  func `a circle is what the definition says, after every token`(seed: UInt64) {
    var generator = SeededGenerator(seed: 2100 + seed)
    var (watch, text) = (CircleWatch(), [Int]())
    var found: Set<Int> = []
    for _ in 0..<8 {
      // Something new, and then a piece that is said over.
      let period = Int.random(in: 1...140, using: &generator)
      let piece = (0..<period).map { _ in Int.random(in: 0..<3, using: &generator) }
      let over = (0..<Int.random(in: 0..<period * 7, using: &generator)).map { piece[$0 % period] }
      for token in piece + over {
        watch.take(TokenID(token))
        text.append(token)
        for (times, length) in [(4, 24), (2, 2), (6, 90)] {
          let expected = circle(in: text, times: times, length: length)
          let circle = watch.circle(times: times, length: length)
          #expect(circle?.period == expected?.period && circle?.times == expected?.times)
          if let circle { found.insert(circle.period) }
        }
      }
    }
    #expect(found.count > 5)
  }

  @Test func `every period up to the longest is found, at its token`() {
    for period in 1...CircleWatch.longestPeriod + 1 {
      var watch = CircleWatch()
      for token in 0..<max(10 * period, 128) {
        #expect(watch.circle(times: 10, length: 128) == nil)
        watch.take(TokenID(token % period))
      }
      let circle = watch.circle(times: 10, length: 128)
      #expect(circle?.period == (period <= CircleWatch.longestPeriod ? period : nil))
      // One other token, and it is over.
      watch.take(TokenID(period))
      #expect(watch.noticed == nil)
    }
  }

  @Test(arguments: [2, 3, 10, 1000])
  func `a random text is no circle, of however few tokens`(count: Int) {
    var generator = SeededGenerator(seed: 2120)
    var watch = CircleWatch()
    for _ in 0..<20_000 {
      watch.take(TokenID(Int.random(in: 0..<count, using: &generator)))
      #expect(watch.noticed == nil)
    }
  }

  @Test func `a circle is told in words`() {
    var watch = CircleWatch()
    for token in 0..<130 { watch.take(TokenID(token % 13)) }
    #expect(
      watch.noticed?.description == "The text runs in a circle: its last 13 tokens 10 times over.")
    for _ in 0..<30 { watch.take(TokenID(5)) }
    #expect(
      watch.noticed?.description == "The text runs in a circle: its last token 30 times over.")
  }
}

/// What the watch takes. One count at a time.
@Suite(.serialized, .enabled(if: AllocationCount.isPossible, "\(AllocationCount.impossible)"))
struct CircleWatchAllocationTests {
  @Test func `a token is watched without taking memory`() {
    var watch = CircleWatch()
    AllocationCount.watchThisThread()
    let count = AllocationCount.count {
      for token in 0..<2000 {
        watch.take(TokenID(token % 7))
        _ = watch.circle(times: 10, length: 128)
      }
    }
    #expect(count == 0)
  }
}
