import Dials
import GGUF
import Kernels
import TestSupport
import Testing
import Transformer

/// In the steady state a pass allocates nothing, on no thread: allocation is slow, and its time
/// depends on who else allocates.
@Suite(.serialized, .enabled(if: AllocationCount.isPossible, "\(AllocationCount.impossible)"))
struct AllocationTests {
  @Test(arguments: [1, 2, 3])
  func `the count sees every worker of a pool`(workers: Int) {
    let pool = ThreadPool(count: workers)
    defer { pool.dismiss() }
    pool.run(Watching())
    let task = Allocating()
    #expect(AllocationCount.count { pool.run(task) } >= workers)
    #expect(AllocationCount.count { pool.run(task) } == 0, "nobody is watched any more")
  }

  @Test(arguments: [1, 2, 3])
  func `a token in the steady state allocates nothing`(workers: Int) throws {
    let file = try TinyModel(type: .q4_1, contextLength: 512).file()
    try withPass(over: file, workers: workers, capacity: 400) { pass in
      // Past 256 positions attention has a second split.
      #expect(pass.allocations(tokens: 300, warmUp: 4) == 0)
    }
  }

  @Test(arguments: [0, 5])
  func `nor does one under a window, looking up or not`(lookups: Int) throws {
    let file = try TinyModel(blockCount: 6, type: .q4_1).file()
    try withPass(over: file, workers: 2, capacity: 1100) { pass in
      pass.reset(reach: ReachSetting(.lambda, window: 64, sinks: 8, lookups: lookups))
      // The ring goes round.
      #expect(pass.allocations(tokens: 1000, warmUp: 4) == 0)
    }
  }

  @Test(arguments: [TensorType.f32, .q8_0, .q2K, .q4K, .q6K, .iq4_XS, .mxfp4])
  func `it does so for every kind of matrix`(type: TensorType) throws {
    try withPass(over: try TinyModel(type: type).file(), workers: 2) { pass in
      #expect(pass.allocations(tokens: 20, warmUp: 4) == 0)
    }
  }

  @Test func `nor do drafts that full depth verifies, routes of their own, or keys filled in`()
    throws
  {
    try withPass(over: try TinyModel(blockCount: 6).file(), workers: 2) { pass in
      #expect(pass.allocations(rounds: 20, warmUp: 4) == 0)
    }
  }

  @Test(.needsModel)
  func `a token of the default model allocates nothing`() throws {
    let path = try #require(SharedData.model)
    try withPass(over: try GGUFFile(path: path), workers: 2, capacity: 400) { pass in
      #expect(pass.allocations(tokens: 24, warmUp: 4) == 0)
    }
  }
}

/// Has every worker of a pool watched.
private final class Watching: PoolTask {
  func run(as worker: inout PoolWorker, of pool: ThreadPool) { AllocationCount.watchThisThread() }
}

/// Has every worker of a pool allocate.
private final class Allocating: PoolTask {
  func run(as worker: inout PoolWorker, of pool: ThreadPool) { _ = AlignedBytes(count: 100) }
}

extension ForwardPass {
  /// How often the workers of the pool allocate while `tokens` are written one after another, once
  /// `warmUp` tokens were.
  @inline(never)
  fileprivate func allocations(tokens: Int, warmUp: Int) -> Int {
    let first = [0]
    var next = TokenID(1)
    func write(_ count: Int) {
      for _ in 0..<count {
        append(
          Row(
            token: next, position: Position(cache.committedCount), parent: nil, retrieves: true))
        run(rows: 0..<1, blocks: 0..<blockCount)
        next = logits(rows: first, exactTop: 4).argmax(row: 0)
        commit(path: first)
      }
    }
    write(warmUp)
    pool.run(Watching())
    return AllocationCount.count { write(tokens) }
  }

  /// The same for rounds of a shallow draft of three rows, their verification, and one row that
  /// leaves early.
  @inline(never)
  fileprivate func allocations(rounds: Int, warmUp: Int) -> Int {
    let (first, all, kept) = ([0], [0, 1, 2], [0, 1])
    let pruned = BlockSet(indices: [1])
    let exit = blockCount / 2
    let skipping = Route(pruned: pruned, skipped: BlockSet(indices: [blockCount - 1]))
    let routes = [Route(pruned: pruned), Route(pruned: pruned), skipping]
    func draft(_ count: Int) {
      for _ in 0..<count {
        for index in 0..<3 {
          let position = Position(cache.committedCount + index)
          append(Row(token: TokenID(2), position: position, parent: index == 0 ? nil : index - 1))
          run(rows: index..<index + 1, blocks: 0..<exit, route: Route(pruned: pruned))
        }
        run(rows: all, blocks: exit..<blockCount, routes: routes)
        _ = logits(rows: all).readout(row: 2, depth: blockCount)
        commit(path: kept, route: Route(pruned: pruned))
        append(Row(token: TokenID(3), position: Position(cache.committedCount), parent: nil))
        run(rows: 0..<1, blocks: 0..<exit, route: Route(pruned: pruned))
        _ = logits(rows: first).argmax(row: 0)
        fill(rows: 0..<1, blocks: exit..<blockCount, route: Route(pruned: pruned))
        commit(path: first, route: Route(pruned: pruned))
      }
    }
    draft(warmUp)
    pool.run(Watching())
    return AllocationCount.count { draft(rounds) }
  }
}
