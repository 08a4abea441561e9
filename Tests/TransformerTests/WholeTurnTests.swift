import Dials
import GGUF
import Kernels
import TestSupport
import Testing
import Transformer

/// Turns leave a window whole.
@Suite struct WholeTurnTests {
  private static let settings = [
    ReachSetting(.lambda, window: 30, sinks: 5, turns: true),
    ReachSetting(.lambda, window: 40, sinks: 33, distance: .cacheIndex, turns: true),
    ReachSetting(.lambda, window: 150, sinks: 60, distance: .cacheIndex, turns: true),
  ]

  /// Where turns begin in a text of `count` tokens, some of them longer than a window.
  private static func starts(_ count: Int, using generator: inout SeededGenerator) -> [Int] {
    var starts: [Int] = []
    var start = 0
    while start < count {
      starts.append(start)
      start += .random(in: 1...60, using: &generator)
    }
    return starts
  }

  @Test(arguments: settings)
  func `what is seen equals the masked reference`(reach: ReachSetting) throws {
    var generator = SeededGenerator(seed: 330)
    let file = try TinyModel(blockCount: 2, seed: 330).file()
    let tokens = randomTokens(330, using: &generator)
    let starts = Self.starts(330, using: &generator)
    var reference = try ReferencePass(file: file)
    reference.roundsKeysAndValues = true
    (reference.reach, reference.turnStarts) = (reach, starts)
    let expected = reference.run(tokens).logits
    let logits = try withPass(over: file) { pass in
      pass.reset(reach: reach)
      pass.turnStarts = starts
      return pass.read(tokens, waves: [1, 1, 3, 8, 9, 20, 40])
    }
    let floats = logits.map(\.floats)
    #expect(Distance.relative(floats, to: expected) < 3e-3)
    reference.turnStarts = []
    #expect(Distance.relative(floats, to: reference.run(tokens).logits) > 1e-2)
  }

  @Test(arguments: settings)
  func `rows keep their bits in any company, in a ring as in a cache that keeps everything`(
    reach: ReachSetting
  ) throws {
    var generator = SeededGenerator(seed: 331)
    let file = try TinyModel(blockCount: 2, type: .q4_1, seed: 331).file()
    let tokens = randomTokens(1800, using: &generator)
    let starts = Self.starts(1800, using: &generator)
    let waves = (0..<1800).map { _ in Int.random(in: 1...40, using: &generator) }
    func read(_ waves: [Int], keepsAll: Bool) throws -> [[UInt32]] {
      try withPass(over: file, workers: 2, capacity: 1800) { pass in
        pass.reset(reach: reach, keepsAll: keepsAll)
        pass.turnStarts = starts
        return pass.read(tokens, waves: waves)
      }
    }
    let ring = try read(waves, keepsAll: false)
    #expect(try read(waves, keepsAll: true) == ring)
    #expect(try read([1], keepsAll: false) == ring)
  }

  @Test(arguments: settings)
  func `nothing is read that left, not even by the bits`(reach: ReachSetting) throws {
    var generator = SeededGenerator(seed: 332)
    let file = try TinyModel(blockCount: 2, type: .q4_1, seed: 332).file()
    let tokens = randomTokens(900, using: &generator)
    let starts = Self.starts(880, using: &generator)
    func last(poisoned: Bool) throws -> [[UInt32]] {
      try withPass(over: file, capacity: 900) { pass in
        pass.reset(reach: reach, keepsAll: true)
        pass.turnStarts = starts
        pass.read(tokens.prefix(890), waves: [40])
        let first = reach.local(at: 890, turns: starts).lowerBound
        if poisoned { pass.cache.poisonAbsentRows(before: first) }
        return pass.read(tokens.suffix(10), waves: [1])
      }
    }
    let clean = try last(poisoned: false)
    #expect(try last(poisoned: true) == clean)
    #expect(clean.allSatisfy { $0.floats.allSatisfy(\.isFinite) })
  }
}
