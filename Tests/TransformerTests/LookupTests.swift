import Dials
import GGUF
import Kernels
import TestSupport
import Testing
import Transformer

/// Positions between the first ones and the window, looked up by score.
@Suite struct LookupTests {
  @Test(arguments: [(20, 4, 3), (20, 4, 1000), (16, 0, 40), (1, 1, 2), (200, 30, 300)])
  func `lookups equal the reference, few and all`(window: Int, sinks: Int, count: Int) throws {
    var generator = SeededGenerator(seed: 320)
    let file = try TinyModel(blockCount: 6, seed: 320).file()
    let tokens = randomTokens(330, using: &generator)
    let reach = ReachSetting(.lambda, window: window, sinks: sinks, lookups: count)
    var reference = try ReferencePass(file: file)
    reference.roundsKeysAndValues = true
    reference.reach = reach
    reference.retrievesFrom = 280
    let expected = reference.run(tokens).logits
    let logits = try withPass(over: file, capacity: 330) { pass in
      pass.reset(reach: reach)
      return pass.read(tokens, waves: [40, 9, 1], retrievesFrom: 280)
    }
    let floats = logits.map(\.floats)
    reference.retrievesFrom = .max
    let without = reference.run(tokens).logits
    func distance(_ rows: Range<Int>, to logits: [[Double]]) -> Double {
      Distance.relative(Array(floats[rows]), to: Array(logits[rows]))
    }
    #expect(distance(0..<280, to: without) < 3e-3)
    // Looking up matters. Where few are, another one is taken now and then of two that score the same
    // but for rounding.
    let found = distance(280..<330, to: expected)
    #expect(found < (count >= 280 ? 3e-3 : 0.04))
    #expect(distance(280..<330, to: without) > 3 * found)
  }

  @Test func `rows that look up are invariant, in chains and trees, for any kernels and pool`()
    throws
  {
    var generator = SeededGenerator(seed: 321)
    let file = try TinyModel(blockCount: 6, type: .q4_1, seed: 321).file()
    let tokens = randomTokens(300, using: &generator)
    let reach = ReachSetting(.lambda, window: 24, sinks: 3, lookups: 5)
    let alone = try withPass(over: file, capacity: 360) { pass in
      pass.reset(reach: reach)
      return pass.read(tokens, waves: [1], retrievesFrom: 150)
    }
    for kernels in kernelSets {
      for workers in 1...2 {
        let waves = (0..<300).map { _ in Int.random(in: 1...40, using: &generator) }
        try withPass(over: file, kernels: kernels, workers: workers, capacity: 360) { pass in
          pass.reset(reach: reach)
          #expect(pass.read(tokens, waves: waves, retrievesFrom: 150) == alone, "\(kernels)")
        }
      }
    }
    try withPass(over: file, workers: 2, capacity: 360) { pass in
      pass.reset(reach: reach)
      pass.read(tokens, waves: [40])
      for _ in 0..<6 {
        let tree = RandomTree(nodeCount: 16, depth: 24, using: &generator)
        pass.append(tree, retrieves: true)
        pass.run(rows: 0..<16, blocks: 0..<6)
        let logits = pass.logitBits(0..<16)
        let path = tree.path(to: .random(in: 0..<16, using: &generator))
        pass.discard()
        let expected = pass.read(
          path.map { tree.tokens[$0] }, waves: [1], retrievesFrom: 0)
        #expect(path.map { logits[$0] } == expected)
        pass.truncate(to: 300)
      }
    }
  }

  @Test func `what is looked up is told and paid for`() throws {
    let file = try TinyModel(blockCount: 6, seed: 322).file()
    var generator = SeededGenerator(seed: 322)
    try withPass(over: file) { pass in
      pass.reset(reach: ReachSetting(.lambda, window: 20, sinks: 4, lookups: 5))
      pass.read(randomTokens(100, using: &generator), waves: [40])
      _ = pass.work.take()
      pass.appendChain([TokenID(5)], retrievesFrom: 1)
      pass.run(rows: 0..<1, blocks: 0..<6)
      let plain = pass.work.take()
      #expect(pass.reading(row: 0).lookedUp == 0)
      pass.discard()
      pass.appendChain([TokenID(5)], retrievesFrom: 0)
      pass.run(rows: 0..<1, blocks: 0..<6)
      let reading = pass.reading(row: 0)
      #expect(reading.lookedUp == 5 && reading.attended == 24 && reading.unseen == 77)
      // Two blocks score the 77 positions between, and mix five.
      #expect(pass.work.take().macs - plain.macs == 2 * 64 * (77 + 10))
      // All keys are there twice.
      #expect(pass.cache.byteCount(positions: 100) == 200 * pass.cache.bytesPerPosition)
    }
  }
}
