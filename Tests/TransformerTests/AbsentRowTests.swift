import Dials
import GGUF
import Kernels
import TestSupport
import Testing
import Transformer

/// Law 6: nothing is attended that is absent. Absent rows are NaN here, at every step.
@Suite struct AbsentRowTests {
  @Test(arguments: [1, 2])
  func `nothing is attended that is absent, whatever the steps are`(workers: Int) throws {
    var generator = SeededGenerator(seed: 100)
    let file = try TinyModel(type: .q4_1, seed: 100).file()
    for _ in 0..<6 {
      let script = RandomScript(using: &generator)
      let clean = try withPass(over: file, workers: workers, capacity: 600) {
        script.perform(on: $0, poisoned: false)
      }
      let poisoned = try withPass(over: file, workers: workers, capacity: 600) {
        script.perform(on: $0, poisoned: true)
      }
      #expect(clean == poisoned)
      #expect(poisoned.allSatisfy { $0.floats.allSatisfy { $0.isFinite } })
    }
  }

  @Test func `poison is read if it is there`() throws {
    // The test of the test: a position committed with a pruned block is absent in that block, and
    // a row that runs the block after all reads it.
    let file = try TinyModel().file()
    try withPass(over: file) { pass in
      pass.decode([TokenID(5), TokenID(6)], pruned: BlockSet(indices: [2]))
      pass.cache.poisonAbsentRows()
      let bits = pass.decode([TokenID(7)])
      #expect(bits[0].floats.contains { $0.isNaN })
    }
  }

  @Test func `rows that were dropped leave nothing behind`() throws {
    var generator = SeededGenerator(seed: 101)
    let file = try TinyModel(type: .q4_1, seed: 101).file()
    let text = randomTokens(30, using: &generator)
    try withPass(over: file) { pass in
      try withPass(over: file) { plain in
        for start in stride(from: 0, to: 30, by: 3) {
          let own = Array(text[start..<start + 3])
          pass.appendChain(
            own + randomTokens(.random(in: 1...5, using: &generator), using: &generator))
          pass.run(rows: 0..<pass.rowCount, blocks: 0..<2)
          pass.drop(after: 3)
          #expect(pass.rowCount == 3)
          pass.cache.poisonAbsentRows()
          pass.run(rows: 0..<3, blocks: 2..<4)
          let bits = pass.logitBits(0..<3)
          pass.commit(path: [0, 1, 2])
          #expect(bits == plain.decode(own))
          #expect(pass.cacheBits == plain.cacheBits)
        }
      }
    }
  }

  @Test func `rows are absent, then propagated or exact, and absent again when dropped`() throws {
    let file = try TinyModel().file()
    try withPass(over: file) { pass in
      func states(_ slot: Int) -> [KeyValueCache.RowState] {
        (0..<4).map { pass.cache.state(block: BlockIndex($0), slot: slot) }
      }
      pass.appendChain([TokenID(1), TokenID(2)])
      #expect(states(0) == [.absent, .absent, .absent, .absent])
      pass.run(rows: 0..<2, blocks: 0..<2)
      #expect(states(0) == [.exact, .exact, .absent, .absent])
      pass.fill(rows: 0..<1, blocks: 2..<4, route: Route(pruned: BlockSet(indices: [3])))
      #expect(states(0) == [.exact, .exact, .propagated, .absent])
      #expect(states(1) == [.exact, .exact, .absent, .absent])
      pass.run(rows: 0..<2, blocks: 2..<4)
      #expect(states(0) == [.exact, .exact, .exact, .exact])
      pass.commit(path: [0])
      #expect(states(0) == [.exact, .exact, .exact, .exact])
      #expect(states(1) == [.absent, .absent, .absent, .absent])
      pass.truncate(to: 0)
      #expect(states(0) == [.absent, .absent, .absent, .absent])
    }
  }

  @Test func `an exact row is never filled`() async {
    await #expect(processExitsWith: .failure) {
      try withPass(over: TinyModel().file()) { pass in
        pass.appendChain([TokenID(1)])
        pass.run(rows: 0..<1, blocks: 0..<4)
        pass.fill(rows: 0..<1, blocks: 3..<4)
      }
    }
  }

  @Test func `a row without keys and values in a living block is never committed`() async {
    await #expect(processExitsWith: .failure) {
      try withPass(over: TinyModel().file()) { pass in
        pass.appendChain([TokenID(1)])
        pass.run(rows: 0..<1, blocks: 0..<3)
        pass.commit(path: [0])
      }
    }
  }

  /// Block e's own keys come from the state after e blocks, propagated or not.
  @Test(arguments: 1...3)
  func `propagation writes what each block makes of the state at the exit`(exit: Int) throws {
    var parts = try ModelParts(TinyModel(type: .q8_0, seed: 101))
    // From the exit on, blocks have the same norm, keys and values.
    for block in exit + 1..<max(4, exit + 1) {
      for name in ["attn_norm", "attn_k", "attn_v"] {
        parts.tensors["blk.\(block).\(name).weight"] = parts.tensors["blk.\(exit).\(name).weight"]
      }
    }
    try withPass(over: parts.file()) { pass in
      let tokens = (0..<20).map { TokenID($0 + 50) }
      pass.decode(tokens)
      let exact = (0..<20).map { pass.cache.bits(block: BlockIndex(exit), slot: $0) }
      pass.truncate(to: 0)
      pass.appendChain(tokens)
      pass.run(rows: 0..<20, blocks: 0..<exit)
      pass.fill(rows: 0..<20, blocks: exit..<4)
      for block in exit..<4 {
        let filled = (0..<20).map { pass.cache.bits(block: BlockIndex(block), slot: $0) }
        #expect(filled == exact, "block \(block)")
      }
    }
  }

  @Test func `a row that was filled and then taken deeper is exact`() throws {
    let file = try TinyModel(type: .q4_1).file()
    let tokens = (0..<18).map { TokenID($0 + 30) }
    try withPass(over: file) { pass in
      let dense = pass.decode(tokens)
      let cache = pass.cacheBits
      pass.truncate(to: 0)
      pass.appendChain(tokens)
      pass.run(rows: 0..<18, blocks: 0..<2)
      pass.fill(rows: 0..<18, blocks: 2..<4)
      pass.run(rows: 0..<18, blocks: 2..<4)
      #expect(pass.logitBits(0..<18) == dense)
      pass.commit(path: Array(0..<18))
      #expect(pass.cacheBits == cache)
    }
  }

  @Test(arguments: [0, 1, 15, 16, 17, 33])
  func `a text that was cut and read again is as if read for the first time`(length: Int) throws {
    var generator = SeededGenerator(seed: 102)
    let file = try TinyModel(type: .q4_1).file()
    let kept = randomTokens(length, using: &generator)
    let (dropped, next) = (
      randomTokens(20, using: &generator), randomTokens(20, using: &generator)
    )
    let fresh = try withPass(over: file) { pass in
      pass.decode(kept)
      return (pass.decode(next), pass.cacheBits)
    }
    try withPass(over: file) { pass in
      pass.read(kept + dropped, waves: [7])
      pass.truncate(to: length)
      pass.cache.poisonAbsentRows()
      #expect(pass.cache.committedCount == length)
      #expect(pass.decode(next) == fresh.0)
      #expect(pass.cacheBits == fresh.1)
    }
  }
}

/// A random sequence of the steps that a pass can be asked for.
struct RandomScript {
  private enum Step {
    case read([TokenID], wave: Int)
    case tree(RandomTree, shallow: Int, leaf: Int)
    case exit([TokenID], depth: Int)
    case truncate(dropping: Int)
  }

  private let steps: [Step]

  /// Trees are no deeper than `depth`.
  init(using generator: inout SeededGenerator, depth: Int = .max) {
    steps = (0..<14).map { index in
      let kind = index == 0 ? 0 : Int.random(in: 0..<4, using: &generator)
      switch kind {
      case 0:
        let count = Int.random(in: 1...30, using: &generator)
        return .read(
          randomTokens(count, using: &generator), wave: .random(in: 1...17, using: &generator))
      case 1:
        let count = Int.random(in: 1...20, using: &generator)
        return .tree(
          RandomTree(nodeCount: count, depth: depth, using: &generator),
          shallow: .random(in: 0...3, using: &generator),
          leaf: .random(in: 0..<count, using: &generator))
      case 2:
        let count = Int.random(in: 1...5, using: &generator)
        return .exit(
          randomTokens(count, using: &generator), depth: .random(in: 1...3, using: &generator))
      default: return .truncate(dropping: .random(in: 0...20, using: &generator))
      }
    }
  }

  /// Performs all steps and returns every logit there was.
  func perform(on pass: ForwardPass, poisoned: Bool) -> [[UInt32]] {
    func poison() {
      guard poisoned else { return }
      // What no row sees from here on is poisoned too, however far the steps go back.
      let farthest = pass.cache.committedCount - steps.count * 20
      pass.cache.poisonAbsentRows(before: pass.reach.local(at: max(0, farthest)).lowerBound)
    }
    var bits: [[UInt32]] = []
    for step in steps {
      poison()
      switch step {
      case .read(let tokens, let wave): bits += pass.read(tokens, waves: [wave])
      case .tree(let tree, let shallow, let leaf):
        pass.append(tree)
        pass.run(rows: 0..<tree.count, blocks: 0..<shallow)
        poison()
        pass.run(rows: 0..<tree.count, blocks: shallow..<4)
        bits += pass.logitBits(0..<tree.count)
        poison()
        pass.commit(path: tree.path(to: leaf))
      case .exit(let tokens, let depth):
        for token in tokens {
          pass.appendChain([token])
          pass.run(rows: 0..<1, blocks: 0..<depth)
          bits += pass.logitBits([0])
          poison()
          pass.fill(rows: 0..<1, blocks: depth..<4)
          pass.commit(path: [0])
        }
      case .truncate(let count):
        pass.truncate(to: max(1, pass.cache.committedCount - count))
      }
    }
    return bits
  }
}
