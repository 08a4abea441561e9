import Dials
import Foundation
import GGUF
import Kernels
import TestSupport
import Testing
import Transformer

/// Big, small and no feed-forward in one pass (ALGORITHMS: Duo-LLM).
@Suite struct SmallFeedForwardTests {
  /// Calls `body` with a pass over a model and small feed-forwards.
  private func withDuo<Result>(
    _ duo: TinyDuo, workers: Int = 1, _ body: (ForwardPass) throws -> Result
  ) throws -> Result {
    let pool = ThreadPool(count: workers)
    defer { pool.dismiss() }
    let weights = try Weights(file: duo.base.file(), pool: pool)
    let modules = try SmallFeedForwards(file: duo.file(), weights: weights, pool: pool)
    let runtime = ModelRuntime(weights: weights, feedForwards: modules, pool: pool)
    return try body(ForwardPass(runtime, capacity: 256, keepsStreams: true))
  }

  private func streams(_ pass: ForwardPass, _ rows: Range<Int>) -> [[UInt32]] {
    rows.map { pass.stream(row: $0).map(\.bitPattern) }
  }

  private func randomRoute(_ count: Int, using generator: inout SeededGenerator) -> Route {
    var route = Route.plain
    for block in 0..<count {
      route[block] = [.run, .run, .small, .bare][Int.random(in: 0..<4, using: &generator)]
    }
    return route
  }

  @Test(arguments: 1...3, [TensorType.f32, .q4_1, .q8_0])
  func `rows that choose differently have the bits of each row alone`(
    workers: Int, type: TensorType
  ) throws {
    var generator = SeededGenerator(seed: 900 + UInt64(workers))
    let tiny = TinyModel(blockCount: 4, type: type, seed: 900)
    try withDuo(TinyDuo(base: tiny), workers: workers) { pass in
      for turn in 0..<6 {
        let count = Int.random(in: 2...24, using: &generator)
        let tokens = randomTokens(count, using: &generator)
        let rule =
          turn % 2 == 0
          ? nil : FeedForwardRule(offset: Float.random(in: -1...1, using: &generator))
        let routes = (0..<count).map { _ in
          rule == nil ? randomRoute(4, using: &generator) : .plain
        }
        pass.appendChain(tokens)
        for row in 0..<count {
          pass.run(rows: row..<row + 1, blocks: 0..<4, route: routes[row], rule: rule)
        }
        let alone = streams(pass, 0..<count)
        let scores = (0..<count).map { pass.routerScores(row: $0) }
        pass.discard()
        pass.appendChain(tokens)
        if let rule {
          pass.run(rows: 0..<count, blocks: 0..<4, rule: rule)
          #expect((0..<count).map { pass.routerScores(row: $0) } == scores)
        } else {
          pass.run(rows: 0..<count, blocks: 0..<4, routes: routes)
        }
        #expect(streams(pass, 0..<count) == alone)
        pass.discard()
      }
    }
  }

  @Test(arguments: 1...2, [TensorType.f32, .q4_1])
  func `forked variants of a token have the bits of rows that ran alone`(
    workers: Int, type: TensorType
  ) throws {
    var generator = SeededGenerator(seed: 960 + UInt64(workers))
    let tiny = TinyModel(blockCount: 4, type: type, seed: 960)
    try withDuo(TinyDuo(base: tiny), workers: workers) { pass in
      pass.read(randomTokens(Int.random(in: 1...20, using: &generator), using: &generator)[...])
      let start = pass.cache.committedCount
      let parent = Row(token: TokenID(7), position: Position(start), parent: nil)
      let row = Row(token: TokenID(9), position: Position(start + 1), parent: 0)
      pass.append(parent)
      pass.append(row)
      pass.run(rows: 0..<1, blocks: 0..<4)
      var routes = [Route.plain]
      for block in 0..<4 {
        for variant in routes.indices where Bool.random(using: &generator) {
          #expect(pass.fork(row: 1 + variant) == 1 + routes.count)
          routes.append(routes[variant])
        }
        for variant in routes.indices {
          routes[variant][block] = [.run, .small, .bare][Int.random(in: 0..<3, using: &generator)]
        }
        pass.run(rows: 1..<1 + routes.count, blocks: block..<block + 1, routes: routes)
      }
      #expect(routes.count > 2)
      let forked = streams(pass, 1..<1 + routes.count)
      for (route, bits) in zip(routes, forked) {
        pass.drop(after: 1)
        pass.append(row)
        pass.run(rows: 1..<2, blocks: 0..<4, route: route)
        #expect(streams(pass, 1..<2) == [bits])
      }
      pass.commit(path: [0])
      #expect(pass.cache.committedCount == start + 1)
    }
  }

  @Test func `what a rule decides is what the same route says`() throws {
    var generator = SeededGenerator(seed: 910)
    let tiny = TinyModel(blockCount: 5, type: .q4_1, seed: 910)
    try withDuo(TinyDuo(base: tiny), workers: 2) { pass in
      let tokens = randomTokens(12, using: &generator)
      let rule = FeedForwardRule(offset: 0.1)
      pass.appendChain(tokens)
      pass.run(rows: 0..<12, blocks: 0..<5, rule: rule)
      let routed = streams(pass, 0..<12)
      let routes = (0..<12).map { row in
        var route = Route.plain
        for (block, score) in pass.routerScores(row: row).enumerated() {
          route[block] = rule.action(score: score)
        }
        return route
      }
      #expect(Set(routes.map(\.small.count)).count > 1)
      pass.discard()
      pass.appendChain(tokens)
      pass.run(rows: 0..<12, blocks: 0..<5, routes: routes)
      #expect(streams(pass, 0..<12) == routed)
    }
  }

  @Test(arguments: [TensorType.f32, .q4_1])
  func `all-big is the plain model, and off asks no router and costs nothing`(
    type: TensorType
  ) throws {
    var generator = SeededGenerator(seed: 920)
    let tiny = TinyModel(blockCount: 4, type: type, seed: 920)
    let tokens = randomTokens(9, using: &generator)
    let plain = try withPass(over: tiny.file()) { pass in
      pass.appendChain(tokens)
      pass.run(rows: 0..<9, blocks: 0..<4)
      return (streams(pass, 0..<9), pass.work.take())
    }
    try withDuo(TinyDuo(base: tiny)) { pass in
      pass.appendChain(tokens)
      pass.run(rows: 0..<9, blocks: 0..<4)
      #expect(streams(pass, 0..<9) == plain.0)
      #expect(pass.work.take() == plain.1)
      pass.discard()
      pass.appendChain(tokens)
      pass.run(rows: 0..<9, blocks: 0..<4, rule: FeedForwardRule(offset: -.infinity))
      #expect(streams(pass, 0..<9) == plain.0)
      let routers = pass.work.take() - plain.1
      #expect(routers.macs == 9 * 4 * tiny.width)
      #expect(routers.bytes == 4 * 4 * (tiny.width + 1))
    }
  }

  @Test func `all-small is the route of small blocks, in fewer multiplications and bytes`() throws {
    var generator = SeededGenerator(seed: 930)
    let tiny = TinyModel(blockCount: 4, type: .q4_1, seed: 930)
    let duo = TinyDuo(base: tiny)
    let tokens = randomTokens(5, using: &generator)
    try withDuo(duo) { pass in
      let all = BlockSet(indices: Array(0..<4))
      pass.appendChain(tokens)
      pass.run(rows: 0..<5, blocks: 0..<4, route: Route(small: all))
      let (small, work) = (streams(pass, 0..<5), pass.work.take())
      pass.discard()
      pass.appendChain(tokens)
      pass.run(rows: 0..<5, blocks: 0..<4, rule: FeedForwardRule(offset: .infinity))
      #expect(streams(pass, 0..<5) == small)
      pass.discard()
      _ = pass.work.take()
      pass.appendChain(tokens)
      pass.run(rows: 0..<5, blocks: 0..<4)
      let big = pass.work.take()
      let units = duo.inner + duo.rank
      let saved =
        3 * tiny.width * tiny.feedForwardWidth
        - tiny.width * (2 * duo.inner + duo.rank + units)
      #expect(big.macs - work.macs == 5 * 4 * saved)
      #expect(work.bytes < big.bytes)
      pass.discard()
      pass.appendChain(tokens)
      pass.run(rows: 0..<5, blocks: 0..<4, route: Route(bare: all))
      let bare = pass.work.take()
      #expect(big.macs - bare.macs == 5 * 4 * 3 * tiny.width * tiny.feedForwardWidth)
    }
  }

  @Test func `a small feed-forward of all the big one's neurons says the same`() throws {
    var generator = SeededGenerator(seed: 940)
    let tiny = TinyModel(blockCount: 3, type: .f32, seed: 940)
    let file = try tiny.file()
    var duo = TinyDuo(base: tiny)
    duo.inner = tiny.feedForwardWidth
    duo.rank = 0
    for block in 0..<3 {
      for part in ["ffn_gate.weight", "ffn_up.weight", "ffn_down.weight"] {
        let tensor = try #require(file.tensor(named: "blk.\(block).\(part)"))
        duo.planted["duo.\(block).\(part)"] = file.dequantize(tensor)
      }
      duo.planted["duo.\(block).bias"] = Array(repeating: 0, count: tiny.width)
    }
    let tokens = randomTokens(7, using: &generator)
    try withDuo(duo) { pass in
      pass.appendChain(tokens)
      pass.run(rows: 0..<7, blocks: 0..<3)
      let big = streams(pass, 0..<7)
      pass.discard()
      pass.appendChain(tokens)
      pass.run(rows: 0..<7, blocks: 0..<3, route: Route(small: BlockSet(indices: [0, 1, 2])))
      #expect(streams(pass, 0..<7) == big)
    }
  }

  /// The definition in double precision, from the stream that a block without a feed-forward leaves.
  @Test func `a small feed-forward is its definition`() throws {
    var generator = SeededGenerator(seed: 950)
    let tiny = TinyModel(blockCount: 1, type: .f32, seed: 950)
    let duo = TinyDuo(base: tiny)
    let file = try duo.file()
    let model = try tiny.file()
    func values(_ file: GGUFFile, _ name: String) throws -> [Double] {
      file.dequantize(try #require(file.tensor(named: name))).map { Double($0) }
    }
    let part = { (name: String) in try values(file, "duo.0.\(name)") }
    let (gate, up) = (try part("ffn_gate.weight"), try part("ffn_up.weight"))
    let (linear, down) = (try part("linear.weight"), try part("ffn_down.weight"))
    let (bias, router) = (try part("bias"), try part("router.weight"))
    let gains = try values(model, "blk.0.ffn_norm.weight")
    let width = tiny.width
    func product(_ matrix: [Double], _ x: [Double]) -> [Double] {
      stride(from: 0, to: matrix.count, by: x.count).map { first in
        zip(matrix[first..<first + x.count], x).reduce(0) { $0 + $1.0 * $1.1 }
      }
    }
    let tokens = randomTokens(6, using: &generator)
    try withDuo(duo, workers: 2) { pass in
      pass.appendChain(tokens)
      pass.run(rows: 0..<6, blocks: 0..<1, route: Route(bare: BlockSet(indices: [0])))
      let bare = (0..<6).map { pass.stream(row: $0).map { Double($0) } }
      pass.discard()
      pass.appendChain(tokens)
      pass.run(rows: 0..<6, blocks: 0..<1, rule: FeedForwardRule(offset: .infinity))
      for row in 0..<6 {
        let h = bare[row]
        let square = h.reduce(0) { $0 + $1 * $1 } / Double(width)
        let x = zip(h, gains).map { $0 / (square + 1e-5).squareRoot() * $1 }
        let gated = zip(product(gate, x), product(up, x)).map {
          $0 / (1 + exp(-$0)) * $1
        }
        let added = product(down, gated + product(linear, x))
        for column in 0..<width {
          let expected = h[column] + added[column] + bias[column]
          #expect(abs(Double(pass.stream(row: row)[column]) - expected) < 1e-4)
        }
        let score = zip(router, x).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(Double(pass.routerScores(row: row)[0]) - score) < 0.0051)
      }
    }
  }

  @Test func `modules of another shape, and files that are none, are refused`() throws {
    let tiny = TinyModel(blockCount: 2)
    let pool = ThreadPool(count: 1)
    defer { pool.dismiss() }
    let weights = try Weights(file: tiny.file(), pool: pool)
    var cases: [(GGUFFile, String)] = []
    cases.append((try TinyDuo(base: TinyModel(blockCount: 3)).file(), "3 blocks"))
    cases.append((try TinyDraftHead(base: tiny).file(), "no small feed-forwards"))
    for missing in ["duo.1.ffn_up.weight", "duo.0.bias", "fathom.duo.offsets"] {
      var duo = TinyDuo(base: tiny)
      duo.missing = [missing]
      cases.append((try duo.file(), missing))
    }
    var odd = TinyDuo(base: tiny)
    odd.planted["duo.0.router.bias"] = [.nan]
    cases.append((try odd.file(), "NaN"))
    for (file, word) in cases {
      let error = #expect(throws: ModelError.self) {
        _ = try SmallFeedForwards(file: file, weights: weights, pool: pool)
      }
      let said = "\(error?.place ?? "") \(error?.message ?? "")"
      #expect(said.contains(word), "\(word)")
    }
  }
}
