import Dials
import Kernels
import Pruning
import TestSupport
import Testing
import Transformer

struct BlockSearchTests {
  @Test func `a block that does nothing goes first by influence, and nothing is lost`() throws {
    for idle in [1, 3, 4] {
      try TinySearch(idle: idle).run { search, dense in
        let step = try #require(try search.run(.influence, count: 1, dense: dense).first)
        #expect(step.block == BlockIndex(idle))
        #expect(step.sequenceLosses == dense)
      }
    }
  }

  /// A random model may do better at random text without one of its other blocks: then that one goes.
  @Test(arguments: [PruningMethod.sleb, .oneShot])
  func `a block that does nothing goes first unless another one does harm`(
    method: PruningMethod
  ) throws {
    for idle in [1, 3, 4] {
      try TinySearch(idle: idle).run { search, dense in
        search.abandonMargin = nil
        #expect(search.losses(without: BlockSet(indices: [idle])) == dense)
        let step = try #require(try search.run(method, count: 1, dense: dense).first)
        if step.block == BlockIndex(idle) {
          #expect(step.sequenceLosses == dense)
        } else {
          #expect(step.sequenceLosses.reduce(0, +) < dense.reduce(0, +))
        }
      }
    }
  }

  @Test func `nothing removed is the dense model, bit for bit`() throws {
    let tiny = TinySearch()
    try tiny.run { search, dense in
      let pool = ThreadPool(count: 1)
      defer { pool.dismiss() }
      let weights = try Weights(file: tiny.file(), pool: pool)
      let expected = search.sample.sequences.map { loss($0, weights, pool: pool, pruned: .none) }
      #expect(dense == expected)
    }
  }

  @Test(arguments: PruningMethod.allCases)
  func `each step's losses are those of the model that runs without its blocks`(
    method: PruningMethod
  ) throws {
    let tiny = TinySearch()
    try tiny.run { search, dense in
      let pool = ThreadPool(count: 1)
      defer { pool.dismiss() }
      let weights = try Weights(file: tiny.file(), pool: pool)
      let steps = try search.run(method, count: 3, seed: 5, dense: dense)
      #expect(steps.count == 3)
      for count in 1...3 {
        let removed = BlockSet(steps.prefix(count).map(\.block))
        #expect(removed.count == count)
        let expected = search.sample.sequences.map {
          loss($0, weights, pool: pool, pruned: removed)
        }
        #expect(steps[count - 1].sequenceLosses == expected)
        let scored = Double(search.sample.scoredCount)
        #expect(abs(steps[count - 1].loss - expected.reduce(0, +) / scored) < 1e-12)
      }
    }
  }

  @Test(arguments: PruningMethod.allCases)
  func `the first steps of a longer search are a shorter search`(method: PruningMethod) throws {
    let long = try TinySearch().steps(method, 4, seed: 9)
    for count in 1...3 {
      #expect(try TinySearch().steps(method, count, seed: 9) == Array(long.prefix(count)))
    }
  }

  @Test func `the number of threads changes nothing`() throws {
    #expect(try TinySearch(members: 1).steps(.sleb, 3) == TinySearch(members: 3).steps(.sleb, 3))
  }

  @Test func `the first step of SLEB is the first of one shot`() throws {
    for seed in 0..<4 as Range<UInt64> {
      let tiny = TinySearch(model: TinyModel(blockCount: 5, seed: seed))
      try tiny.run { search, dense in
        search.abandonMargin = nil
        let first = try #require(try search.run(.sleb, count: 1, dense: dense).first)
        #expect(try search.run(.oneShot, count: 1, dense: dense).first?.block == first.block)
      }
    }
  }

  @Test func `a step takes the cheapest block`() throws {
    try TinySearch().run { search, dense in
      search.abandonMargin = nil
      let steps = try search.run(.sleb, count: 3, dense: dense)
      for (index, step) in steps.enumerated() {
        #expect(step.costs.count == 4 - index)
        let cheapest = step.costs.min { ($0.value, $0.key) < ($1.value, $1.key) }
        #expect(cheapest?.key == "\(step.block.rawValue)")
      }
    }
  }

  /// On random text the blocks are close together, so a narrow margin may give up the winner; a wide
  /// one gives up nothing. In between there is one that saves work and finds the same block.
  @Test func `what is far behind is given up, and the winner is the same`() throws {
    var tiny = TinySearch(idle: 2)
    tiny.sequenceCount = 6
    try tiny.run { search, dense in
      func winner(_ margin: Double?) throws -> (block: BlockIndex?, work: Int) {
        var work = 0
        (search.abandonMargin, search.abandonErrors) = (margin, nil)
        let steps = try search.run(
          .sleb, count: 1, dense: dense,
          progress: { _ in
            work += 1
            return true
          })
        return (steps.first?.block, work)
      }
      let whole = try winner(nil)
      let margins = try [0.1, 0.2, 0.3, 0.5, 0.8, 100].map { try winner($0) }
      #expect(zip(margins, margins.dropFirst()).allSatisfy { $0.work <= $1.work })
      #expect(margins.last?.block == whole.block && margins.last?.work == whole.work)
      #expect(margins.contains { $0.block == whole.block && $0.work < whole.work })
    }
  }

  /// A block that does nothing costs nothing on every sequence; what does harm is behind it sooner or
  /// later, and need not be read to the end.
  @Test func `what is behind by many standard errors is given up`() throws {
    var tiny = TinySearch(idle: 2)
    tiny.sequenceCount = 12
    try tiny.run { search, dense in
      search.abandonMargin = nil
      func first(errors: Double?) throws -> (step: PruningStep?, work: Int) {
        var work = 0
        search.abandonErrors = errors
        let steps = try search.run(
          .sleb, count: 1, dense: dense,
          progress: { _ in
            work += 1
            return true
          })
        return (steps.first, work)
      }
      let whole = try first(errors: nil)
      let wide = try first(errors: 1e9)
      #expect(wide.step == whole.step && wide.work == whole.work)
      let works = try [8, 4, 2].map { try first(errors: $0).work }
      #expect(zip([whole.work] + works, works).allSatisfy { $0 >= $1 })
      #expect(works.last.map { $0 < whole.work } == true)
    }
  }

  @Test func `greedy removal beats the mean of twenty random ones`() throws {
    try TinySearch(model: TinyModel(blockCount: 8, seed: 11)).run { search, dense in
      let greedy = try #require(try search.run(.sleb, count: 3, dense: dense).last)
      let losses = try (0..<20 as Range<UInt64>).map {
        try #require(try search.run(.random, count: 3, seed: $0, dense: dense).last).loss
      }
      #expect(greedy.loss < losses.reduce(0, +) / 20)
    }
  }

  @Test func `more blocks than may go are refused`() throws {
    try TinySearch().run { search, dense in
      #expect(search.candidates == (1...4).map { BlockIndex($0) })
      let all = try search.run(.sleb, count: 4, dense: dense)
      #expect(all.count == 4)
      let error = #expect(throws: PruningError.self) {
        try search.run(.sleb, count: 5, dense: dense)
      }
      #expect(error?.code == .tooMany)
      #expect(error?.message.contains("at most 4 can go") == true)
    }
  }
}

/// The summed loss of a sequence, one token at a time in a pass that runs without `pruned`.
func loss(
  _ tokens: [TokenID], _ weights: Weights, pool: ThreadPool, pruned: BlockSet
) -> Double {
  let pass = ForwardPass(ModelRuntime(weights: weights, pool: pool), capacity: tokens.count)
  var sum = 0.0
  for (place, token) in tokens.dropLast().enumerated() {
    pass.append(Row(token: token, position: Position(place), parent: nil))
    pass.run(rows: 0..<1, blocks: 0..<pass.blockCount, route: Route(pruned: pruned))
    sum += pass.logits(rows: [0]).loss(row: 0, of: tokens[place + 1])
    pass.commit(path: [0], route: Route(pruned: pruned))
  }
  return sum
}
