import Dials
import TestSupport
import Testing

/// Windows that turns leave whole.
struct WholeTurnTests {
  @Test(arguments: 0..<200)
  func `a window begins with a turn, and shows no more than its length`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let window = Int.random(in: 1...60, using: &generator)
    let reach = ReachSetting(
      .lambda, window: window, sinks: .random(in: 0...window, using: &generator), turns: true)
    var plain = reach
    plain.turns = false
    var starts: [Int] = []
    var start = Int.random(in: 0...20, using: &generator)
    while start < 300 {
      starts.append(start)
      start += .random(in: 1...90, using: &generator)
    }
    var before = 0
    for position in 0..<300 {
      let (whole, full) = (
        reach.local(at: position, turns: starts).lowerBound, plain.local(at: position).lowerBound
      )
      #expect(whole >= full && whole <= position && whole >= before)
      let own = starts.last { $0 <= position } ?? 0
      if full <= reach.sinks || own < full {
        #expect(whole == full)
      } else {
        #expect(starts.contains(whole))
        #expect(!starts.contains { (full..<whole).contains($0) })
      }
      #expect(reach.sinks(at: position, turns: starts) == 0..<min(reach.sinks, whole))
      before = whole
    }
    #expect(reach.local(at: 299) == plain.local(at: 299))
  }
}
