import Dials
import GGUF
import Kernels
import TestSupport
import Testing
import Transformer

/// Rows of different routes in one pass: law 2 and law 6 hold for each of them.
@Suite struct RouteTests {
  @Test(arguments: 1...3, [TensorType.f32, .q4_1])
  func `rows of random routes in one pass have the bits of each row alone`(
    workers: Int, type: TensorType
  ) throws {
    var generator = SeededGenerator(seed: 700 + UInt64(workers))
    let file = try TinyModel(blockCount: 5, type: type, seed: 700).file()
    let text = randomTokens(270, using: &generator)
    try withPass(over: file, workers: workers) { pass in
      try withPass(over: file) { alone in
        pass.read(text, waves: [40])
        alone.read(text, waves: [40])
        for _ in 0..<8 {
          let rows = RoutedRows(blockCount: 5, using: &generator)
          pass.append(rows.tree)
          alone.append(rows.tree)
          rows.runTogether(on: pass)
          rows.runAlone(on: alone)
          #expect(rows.bits(on: pass) == rows.bits(on: alone), "\(rows)")
          pass.discard()
          alone.discard()
        }
      }
    }
  }

  @Test(arguments: 1...2)
  func `so do they in any split into runs, of any rows and blocks`(workers: Int) throws {
    var generator = SeededGenerator(seed: 710 + UInt64(workers))
    let file = try TinyModel(blockCount: 5, type: .q8_0, seed: 710).file()
    try withPass(over: file, workers: workers) { pass in
      pass.read(randomTokens(20, using: &generator), waves: [20])
      for _ in 0..<12 {
        let rows = RoutedRows(blockCount: 5, using: &generator)
        pass.append(rows.tree)
        rows.runAlone(on: pass)
        let alone = rows.bits(on: pass)
        pass.discard()
        pass.append(rows.tree)
        rows.runInParts(on: pass, using: &generator)
        #expect(rows.bits(on: pass) == alone, "\(rows)")
        pass.discard()
      }
    }
  }

  @Test func `so do they under a window, with lookups`() throws {
    var generator = SeededGenerator(seed: 720)
    let file = try TinyModel(blockCount: 6, type: .q4_1, seed: 720).file()
    try withPass(over: file, workers: 2, capacity: 400) { pass in
      pass.reset(reach: ReachSetting(.lambda, window: 24, sinks: 3, lookups: 5))
      pass.read(randomTokens(300, using: &generator), waves: [40])
      for _ in 0..<6 {
        let rows = RoutedRows(blockCount: 6, depth: 24, using: &generator)
        pass.append(rows.tree, retrieves: true)
        rows.runAlone(on: pass)
        let alone = (rows.bits(on: pass), rows.readings(on: pass))
        pass.discard()
        pass.append(rows.tree, retrieves: true)
        rows.runTogether(on: pass)
        #expect(rows.bits(on: pass) == alone.0, "\(rows)")
        #expect(rows.readings(on: pass) == alone.1, "\(rows)")
        pass.discard()
      }
    }
  }

  @Test func `a text whose rows all skip a block is that of the model without it`() throws {
    var generator = SeededGenerator(seed: 730)
    let file = try TinyModel(type: .q4_1, seed: 730).file()
    let tokens = randomTokens(30, using: &generator)
    let blocks = BlockSet(indices: [1, 2])
    let pruned = try withPass(over: file) { $0.read(tokens, waves: [7], pruned: blocks) }
    try withPass(over: file) { pass in
      pass.appendChain(tokens)
      let route = Route(skipped: blocks)
      pass.run(rows: 0..<30, blocks: 0..<4, route: route)
      #expect(pass.logitBits(0..<30) == pruned)
      pass.commit(path: Array(0..<30), route: route)
      #expect(pass.cache.state(block: BlockIndex(1), slot: 29) == .absent)
    }
  }

  @Test func `work is counted for the rows that run a block, and for no others`() throws {
    let file = try TinyModel().file()
    try withPass(over: file) { pass in
      pass.appendChain([TokenID(1), TokenID(2), TokenID(3)])
      pass.run(rows: 0..<3, blocks: 1..<2)
      let whole = pass.work.take()
      let skipping = Route(skipped: BlockSet(indices: [2]))
      pass.run(rows: 0..<3, blocks: 2..<3, routes: [.plain, .plain, skipping])
      let some = pass.work.take()
      #expect(some.macs < whole.macs && some.bytes == whole.bytes)
      pass.run(rows: 0..<3, blocks: 2..<3, route: skipping)
      #expect(pass.work.take() == Work())
    }
  }

  @Test func `a row may run a block that its parent skipped once the parent has keys and values`()
    throws
  {
    let file = try TinyModel().file()
    try withPass(over: file) { pass in
      pass.appendChain([TokenID(1), TokenID(2)])
      let skipping = Route(skipped: BlockSet(indices: [3]))
      pass.run(rows: [0], blocks: 0..<4, route: skipping)
      pass.fill(rows: [0], blocks: 3..<4)
      pass.cache.poisonAbsentRows()
      pass.run(rows: [1], blocks: 0..<4)
      #expect(pass.logitBits([1])[0].floats.allSatisfy { $0.isFinite })
    }
  }

  @Test func `a row never attends to one that skipped the block`() async {
    await #expect(processExitsWith: .failure) {
      try withPass(over: TinyModel().file()) { pass in
        pass.appendChain([TokenID(1), TokenID(2)])
        let skipping = Route(skipped: BlockSet(indices: [3]))
        pass.run(rows: 0..<2, blocks: 0..<4, routes: [skipping, .plain])
      }
    }
  }

  @Test func `a block without a small feed-forward never runs as small`() async {
    await #expect(processExitsWith: .failure) {
      try withPass(over: TinyModel().file()) { pass in
        pass.appendChain([TokenID(1)])
        pass.run(rows: 0..<1, blocks: 0..<4, route: Route(small: BlockSet(indices: [1])))
      }
    }
  }
}

/// A random tree of rows, each with a random route: a row leaves out what its parent leaves out, and
/// more.
private struct RoutedRows: CustomStringConvertible {
  let tree: RandomTree
  let routes: [Route]
  private let blockCount: Int

  init(blockCount: Int, depth: Int = .max, using generator: inout SeededGenerator) {
    let count = Int.random(in: 1...24, using: &generator)
    tree =
      depth == .max && Bool.random(using: &generator)
      ? RandomTree(chain: randomTokens(count, using: &generator))
      : RandomTree(nodeCount: count, depth: depth, using: &generator)
    let pruned = BlockSet(
      indices: (0..<blockCount).filter { _ in Int.random(in: 0..<6, using: &generator) == 0 })
    var routes: [Route] = []
    for row in 0..<count {
      var skipped = tree.parents[row].map { routes[$0].skipped } ?? .none
      for block in 0..<blockCount where Int.random(in: 0..<12, using: &generator) == 0 {
        skipped.insert(BlockIndex(block))
      }
      routes.append(Route(pruned: pruned, skipped: skipped))
    }
    self.routes = routes
    self.blockCount = blockCount
  }

  var description: String {
    "parents \(tree.parents), skipped \(routes.map(\.skipped)), pruned \(routes[0].pruned)"
  }

  func runTogether(on pass: ForwardPass) {
    pass.run(rows: 0..<tree.count, blocks: 0..<blockCount, routes: routes)
  }

  func runAlone(on pass: ForwardPass) {
    for row in 0..<tree.count {
      pass.run(rows: row..<row + 1, blocks: 0..<blockCount, route: routes[row])
    }
  }

  /// Runs some rows, no row before its parent, through some blocks, then some others, until all are
  /// through.
  func runInParts(on pass: ForwardPass, using generator: inout SeededGenerator) {
    var depths = Array(repeating: 0, count: tree.count)
    while let depth = depths.filter({ $0 < blockCount }).randomElement(using: &generator) {
      let target = Int.random(in: depth + 1...blockCount, using: &generator)
      var chosen: [Int] = []
      for row in 0..<tree.count where depths[row] == depth {
        let isReady = tree.parents[row].map { depths[$0] >= target } ?? true
        if isReady, Int.random(in: 0..<3, using: &generator) > 0 {
          chosen.append(row)
          depths[row] = target
        }
      }
      pass.run(rows: chosen, blocks: depth..<target, routes: chosen.map { routes[$0] })
    }
  }

  /// The logits of every row, and what it left in the cache.
  func bits(on pass: ForwardPass) -> [[UInt32]] {
    let first = pass.cache.committedCount
    return pass.logitBits(0..<tree.count)
      + (0..<tree.count).map { row in
        (0..<blockCount).flatMap { block -> [UInt32] in
          let block = BlockIndex(block)
          return pass.cache.state(block: block, slot: first + row) == .absent
            ? [] : pass.cache.bits(block: block, slot: first + row).map(UInt32.init)
        }
      }
  }

  /// What attention says that it saw.
  func readings(on pass: ForwardPass) -> [ReachReading] {
    (0..<tree.count).map { pass.reading(row: $0) }
  }
}
