import Dials
import GGUF
import Kernels
import TestSupport
import Testing
import Transformer

/// SirLLM: of what leaves the window, what surprised the model most is remembered.
@Suite struct LossMemoryTests {
  private static let reach = ReachSetting(.sirllm, window: 40, sinks: 3, memory: 20)

  /// The positions that a row remembers, worked out at once: the most surprising of all before its
  /// window.
  private func remembered(_ losses: [Double], _ row: Int, _ reach: ReachSetting) -> Set<Int> {
    let range = reach.sinks..<max(reach.sinks, reach.local(at: row).lowerBound)
    let sorted = range.sorted { (losses[$1], $0) < (losses[$0], $1) }
    return Set(sorted.prefix(reach.memory))
  }

  private func read(
    _ tokens: [TokenID], _ losses: [Double], waves: [Int], with pass: ForwardPass
  ) -> [[UInt32]] {
    var bits: [[UInt32]] = []
    var sizes = waves[...]
    while bits.count < tokens.count {
      let size = sizes.count > 1 ? sizes.removeFirst() : sizes.first ?? 1
      let start = bits.count
      for index in start..<min(start + size, tokens.count) {
        pass.note(loss: losses[index], at: index)
      }
      bits += pass.read(tokens[start..<min(start + size, tokens.count)], waves: [size])
    }
    return bits
  }

  @Test func `what is remembered is what the reference remembers`() throws {
    var generator = SeededGenerator(seed: 330)
    let file = try TinyModel(blockCount: 2, seed: 330).file()
    let tokens = randomTokens(700, using: &generator)
    let losses = tokens.map { _ in Double(Int.random(in: 0..<300, using: &generator)) }
    var reference = try ReferencePass(file: file)
    reference.roundsKeysAndValues = true
    reference.reach = Self.reach
    let sets = tokens.indices.map { remembered(losses, $0, Self.reach) }
    reference.remembers = { sets[$0].contains($1) }
    let expected = reference.run(tokens).logits
    let logits = try withPass(over: file) { pass in
      pass.reset(reach: Self.reach)
      return read(tokens, losses, waves: [40, 1, 9], with: pass)
    }
    // Keys that are remembered were rounded twice.
    let floats = logits.map(\.floats)
    #expect(Distance.relative(floats, to: expected) < 6e-3)
    reference.remembers = { _, _ in false }
    let without = reference.run(tokens).logits
    #expect(Distance.relative(Array(floats[300...]), to: Array(without[300...])) > 1e-2)
  }

  @Test func `rows are invariant whatever the waves, and a ring forgets nothing it needs`() throws {
    var generator = SeededGenerator(seed: 331)
    let file = try TinyModel(blockCount: 2, type: .q4_1, seed: 331).file()
    let tokens = randomTokens(1700, using: &generator)
    let losses = tokens.map { _ in Double.random(in: 0..<9, using: &generator) }
    let alone = try withPass(over: file) { pass in
      pass.reset(reach: Self.reach)
      return read(tokens, losses, waves: [1], with: pass)
    }
    for keepsAll in [false, true] {
      let waves = tokens.map { _ in Int.random(in: 1...40, using: &generator) }
      let bits = try withPass(over: file, workers: 2, capacity: 1700) { pass in
        pass.reset(reach: Self.reach, keepsAll: keepsAll)
        return read(tokens, losses, waves: waves, with: pass)
      }
      #expect(bits == alone)
    }
  }

  @Test func `a memory of nothing is the plain lambda where the window begins at a step`() throws {
    var generator = SeededGenerator(seed: 332)
    let file = try TinyModel(blockCount: 1, type: .q8_0, seed: 332).file()
    let tokens = randomTokens(340, using: &generator)
    let none = ReachSetting(.sirllm, window: 60, sinks: 5, memory: 0)
    try withPass(over: file) { pass in
      pass.reset(reach: none)
      let bits = pass.read(tokens, waves: [40])
      pass.reset(reach: ReachSetting(.lambda, window: 60, sinks: 5))
      let lambda = pass.read(tokens, waves: [40])
      // Before the first step all is in the window; at it, both see the same 60.
      #expect(bits[315] == lambda[315] && bits[316] != lambda[316])
      #expect(bits[..<60] == lambda[..<60])
    }
  }

  @Test func `a planted loss survives, filler does not`() throws {
    // One block: what a row sees of a position depends on its token alone.
    let file = try TinyModel(blockCount: 1, seed: 333).file()
    var generator = SeededGenerator(seed: 333)
    let filler = randomTokens(1000, using: &generator)
    var other = filler
    other[100] = TokenID(17)
    func last(_ tokens: [TokenID], loss: Double) throws -> [UInt32] {
      var losses = tokens.indices.map { Double($0 % 7) }
      losses[100] = loss
      return try withPass(over: file) { pass in
        pass.reset(reach: Self.reach)
        return read(tokens, losses, waves: [40], with: pass)[999]
      }
    }
    #expect(try last(filler, loss: 12) != last(other, loss: 12))
    #expect(try last(filler, loss: 0) == last(other, loss: 0))
    let reading = try withPass(over: file) { pass in
      pass.reset(reach: Self.reach)
      pass.read(filler, waves: [40])
      pass.appendChain([TokenID(5)])
      pass.run(rows: 0..<1, blocks: 0..<1)
      return pass.reading(row: 0)
    }
    #expect(reading.attended == 1001 - 768 + 3 + 20)
  }
}
