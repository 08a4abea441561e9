import Dials
import GGUF
import Kernels
import TestSupport
import Testing
import Transformer

/// Rows out of every window give up their places, and nobody can tell.
@Suite struct EvictionTests {
  private static let settings = [
    ReachSetting(.lambda, window: 9, sinks: 4), ReachSetting(.lambda, window: 256, sinks: 20),
    ReachSetting(.lambda, window: 60, sinks: 60, distance: .cacheIndex),
    ReachSetting(.sliding, window: 30),
  ]

  @Test(arguments: settings)
  func `a ring gives the numbers of a cache that keeps everything, bit for bit`(
    reach: ReachSetting
  ) throws {
    var generator = SeededGenerator(seed: 310)
    let file = try TinyModel(blockCount: 2, type: .q4_1, seed: 310).file()
    // The ring goes round more than once.
    let tokens = randomTokens(2600, using: &generator)
    let waves = (0..<2600).map { _ in Int.random(in: 1...40, using: &generator) }
    let ring = try withPass(over: file, workers: 2) { pass in
      pass.reset(reach: reach)
      let bits = pass.read(tokens, waves: waves)
      #expect(pass.cache.oldestRetained > 1024)
      return bits
    }
    let whole = try withPass(over: file, workers: 2, capacity: 2600) { pass in
      pass.reset(reach: reach, keepsAll: true)
      let bits = pass.read(tokens, waves: waves)
      #expect(pass.cache.oldestRetained == 0)
      return bits
    }
    #expect(ring == whole)
  }

  @Test(arguments: 0..<6, settings)
  func `trees, exits and cuts see nothing that is out of sight`(
    seed: UInt64, reach: ReachSetting
  ) throws {
    var generator = SeededGenerator(seed: 311 + seed)
    let file = try TinyModel(type: .q4_1, seed: 311).file()
    let start = randomTokens(.random(in: 0...900, using: &generator), using: &generator)
    let script = RandomScript(using: &generator, depth: reach.window)
    func perform(poisoned: Bool, keepsAll: Bool) throws -> [[UInt32]] {
      try withPass(over: file, workers: 2, capacity: 1600) { pass in
        pass.reset(reach: reach, keepsAll: keepsAll)
        pass.read(start, waves: [40])
        return script.perform(on: pass, poisoned: poisoned)
      }
    }
    let clean = try perform(poisoned: false, keepsAll: true)
    #expect(try perform(poisoned: true, keepsAll: true) == clean)
    #expect(try perform(poisoned: true, keepsAll: false) == clean)
    #expect(clean.allSatisfy { $0.floats.allSatisfy { $0.isFinite } })
  }

  @Test(arguments: settings)
  func `rows are invariant in random trees under a window`(reach: ReachSetting) throws {
    var generator = SeededGenerator(seed: 312)
    let file = try TinyModel(blockCount: 2, type: .q4_1, seed: 312).file()
    for length in [0, 1, 5, 30, 64, 255, 300, 700] {
      let text = randomTokens(length, using: &generator)
      try withPass(over: file, workers: 2) { pass in
        pass.reset(reach: reach)
        pass.read(text, waves: [40])
        try withPass(over: file) { plain in
          plain.reset(reach: reach)
          plain.read(text, waves: [40])
          for _ in 0..<3 {
            let tree = RandomTree(
              nodeCount: .random(in: 1...24, using: &generator), depth: reach.window,
              using: &generator)
            pass.append(tree)
            pass.run(rows: 0..<tree.count, blocks: 0..<2)
            let logits = pass.logitBits(0..<tree.count)
            let path = tree.path(to: .random(in: 0..<tree.count, using: &generator))
            pass.commit(path: path)
            let expected = plain.decode(path.map { tree.tokens[$0] })
            #expect(path.map { logits[$0] } == expected, "\(tree.parents), path \(path)")
            let next = randomTokens(2, using: &generator)
            #expect(pass.read(next, waves: [2]) == plain.decode(next))
          }
        }
      }
    }
  }

  @Test func `memory has a bound that no text moves, and full attention's has none`() throws {
    let file = try TinyModel(blockCount: 2, seed: 313).file()
    let reach = ReachSetting(.lambda, window: 64, sinks: 8)
    var generator = SeededGenerator(seed: 313)
    let tokens = randomTokens(3000, using: &generator)
    try withPass(over: file, capacity: 3000) { pass in
      let full = pass.cache.byteCapacity
      pass.reset(reach: reach)
      let bound = pass.cache.byteCapacity
      #expect(bound * 2 < full)
      var used: [Int] = []
      for start in stride(from: 0, to: 3000, by: 500) {
        pass.read(tokens[start..<start + 500], waves: [40])
        used.append(pass.cache.byteCount(positions: pass.cache.committedCount))
      }
      #expect(Set(used.dropFirst(2)).count == 1 && used[5] <= bound)
      #expect(pass.cache.byteCapacity == bound)
      #expect(pass.cache.bytesPerPosition * 3000 > used[5])
    }
  }

  @Test func `a text can be taken back as far as its windows are there, and no further`() throws {
    var generator = SeededGenerator(seed: 314)
    let file = try TinyModel(blockCount: 2, type: .q4_1, seed: 314).file()
    let reach = ReachSetting(.lambda, window: 100, sinks: 10)
    let text = randomTokens(1500, using: &generator)
    let next = randomTokens(60, using: &generator)
    try withPass(over: file) { pass in
      pass.reset(reach: reach)
      #expect(pass.canContinue(from: 0))
      pass.read(text, waves: [40])
      let first = pass.firstContinuation
      // The end of an answer can be taken back: that much is always there.
      #expect(first <= 1500 - 256)
      #expect(pass.canContinue(from: first) && !pass.canContinue(from: first - 1))
      try withPass(over: file) { plain in
        for isFirst in [false, true] {
          let length = isFirst ? pass.firstContinuation : 1499
          pass.truncate(to: length)
          if isFirst { pass.cache.poisonAbsentRows(before: length - 99) }
          plain.reset(reach: reach)
          plain.read(text[..<length], waves: [40])
          #expect(pass.read(next, waves: [7]) == plain.decode(next))
        }
      }
      pass.truncate(to: 0)
      #expect(pass.canContinue(from: 0) && pass.firstContinuation == 0)
    }
  }

  @Test func `a tree longer than the window is refused`() async {
    await #expect(processExitsWith: .failure) {
      try withPass(over: TinyModel().file()) { pass in
        pass.reset(reach: ReachSetting(.lambda, window: 3, sinks: 1))
        pass.decode([TokenID(1)])
        // The second branch lies beside its positions.
        pass.append(Row(token: TokenID(1), position: Position(1), parent: nil))
        for depth in 0..<4 {
          pass.append(
            Row(
              token: TokenID(2), position: Position(1 + depth), parent: depth == 0 ? nil : depth))
        }
      }
    }
  }

  @Test func `shifting a text changes nothing but rounding, to a million positions`() throws {
    // One block with a plain window: a row depends on the tokens of its window and on distances.
    let file = try TinyModel(blockCount: 1, seed: 315).file()
    var generator = SeededGenerator(seed: 315)
    let junk = randomTokens(1000, using: &generator)
    let text = randomTokens(64, using: &generator)
    try withPass(over: file, rowCapacity: 128) { pass in
      pass.reset(reach: ReachSetting(.sliding, window: 32))
      let early = pass.read(text, waves: [64]).suffix(32)
      var distances: [Double] = []
      for goal in [1_000, 1_000_000] {
        while pass.cache.committedCount < goal {
          let part = junk.prefix(min(125, goal - pass.cache.committedCount))
          pass.appendChain(part)
          pass.run(rows: 0..<part.count, blocks: 0..<1)
          pass.commit(path: Array(part.indices))
        }
        let late = pass.read(text, waves: [64]).suffix(32)
        distances.append(
          Distance.relative(
            late.map(\.floats), to: early.map { $0.floats.map { Double($0) } }))
      }
      // Keys are rounded to eight bits at another angle.
      #expect(distances[0] < 0.01 && distances[1] < 0.01, "\(distances)")
      #expect(distances[1] < 1.5 * distances[0], "\(distances)")
    }
  }
}
