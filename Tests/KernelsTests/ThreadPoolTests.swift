import Foundation
import Kernels
import Synchronization
import TestSupport
import Testing

@Suite(.serialized) struct ThreadPoolTests {
  @Test(arguments: 1...4)
  func `every item is shared out exactly once, phase after phase, run after run`(
    workers: Int
  ) {
    var generator = SeededGenerator(seed: 50)
    let pool = ThreadPool(count: workers)
    defer { pool.dismiss() }
    for _ in 0..<20 {
      let phases = (0..<40).map { _ in
        Tally.Phase(
          total: .random(in: 0...200, using: &generator),
          chunk: .random(in: 1...17, using: &generator))
      }
      let tally = Tally(phases)
      pool.run(tally)
      #expect(tally.counts.allSatisfy { $0.allSatisfy { $0 == 1 } })
      #expect(tally.counts.map(\.count) == phases.map(\.total))
    }
  }

  @Test(arguments: 1...4)
  func `what a worker did before a barrier all workers see after it`(workers: Int) {
    let pool = ThreadPool(count: workers)
    defer { pool.dismiss() }
    let task = Meeting(workers: workers)
    for _ in 0..<5 { pool.run(task) }
    #expect(task.misses == 0)
  }

  @Test func `workers that fell asleep come back for the next task`() async throws {
    let pool = ThreadPool(count: 3)
    defer { pool.dismiss() }
    for _ in 0..<10 {
      let tally = Tally([Tally.Phase(total: 50, chunk: 1)])
      pool.run(tally)
      #expect(tally.counts == [Array(repeating: 1, count: 50)])
      // Far longer than idle workers spin.
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  @Test(arguments: [false, true])
  func `a dismissed pool ends its threads, asleep or awake, and is gone`(asleep: Bool) async throws
  {
    weak var remains: ThreadPool?
    do {
      let pool = ThreadPool(count: 4)
      remains = pool
      pool.run(Tally([Tally.Phase(total: 9, chunk: 2)]))
      if asleep { try await Task.sleep(for: .milliseconds(20)) }
      pool.dismiss()
    }
    // A thread holds the pool until it ends.
    for _ in 0..<1000 where remains != nil { try await Task.sleep(for: .milliseconds(10)) }
    #expect(remains == nil)
  }

  @Test(arguments: [1, 2, 3, 5])
  func `the workers' own parts make up the whole, in order`(count: Int) {
    let pool = ThreadPool(count: count)
    for total in [0, 1, 4, 60, 3072] {
      let parts = (0..<count).map { pool.part(of: total, worker: $0) }
      #expect(parts.flatMap(Array.init) == Array(0..<total))
      #expect((parts.map(\.count).max() ?? 0) - (parts.map(\.count).min() ?? 0) <= 1)
    }
    pool.dismiss()
  }

  @Test(arguments: [2, 3, 5])
  func `who has no processor is left out of fine-grained work, and all is done once`(
    workers: Int
  ) {
    let pool = ThreadPool(count: workers)
    defer { pool.dismiss() }
    let phases = (0..<12).map { Tally.Phase(total: 40 + $0, chunk: 1) }
    var short = 0
    for isFineGrained in [true, false] {
      var seen: [Int] = []
      for _ in 0..<12 {
        let tally = Tally(phases, isFineGrained: isFineGrained, slowest: workers - 1)
        pool.run(tally)
        #expect(tally.counts == phases.map { Array(repeating: 1, count: $0.total) })
        seen.append(tally.workersSeen)
      }
      #expect(seen[0] == workers)
      #expect(seen.contains { $0 < workers } == isFineGrained, "\(seen)")
      #expect(pool.turnoutSoFar.shortTasks == (isFineGrained ? seen.count { $0 < workers } : short))
      short = pool.turnoutSoFar.shortTasks
    }
    #expect(pool.turnoutSoFar.tasks == 12)
  }

  @Test func `there is always one worker, and a chunk is never empty`() {
    let pool = ThreadPool(count: 0)
    #expect(pool.count == 1)
    for total in [0, 1, 5, 1000] { #expect(pool.chunk(of: total) >= 1) }
  }
}

/// Counts how often each item of each phase is shared out.
private final class Tally: PoolTask {
  struct Phase {
    var total: Int
    var chunk: Int
  }

  private final class Counter: Sendable {
    let value = Atomic<Int>(0)
  }

  let isFineGrained: Bool
  private let phases: [Phase]
  private let counters: [[Counter]]
  /// The worker that is as slow as one without a processor, if one is.
  private let slowest: Int?
  /// A bit for each worker that took part.
  private let seen = Atomic<Int>(0)

  init(_ phases: [Phase], isFineGrained: Bool = false, slowest: Int? = nil) {
    self.phases = phases
    (self.isFineGrained, self.slowest) = (isFineGrained, slowest)
    counters = phases.map { phase in (0..<phase.total).map { _ in Counter() } }
  }

  var counts: [[Int]] { counters.map { $0.map { $0.value.load(ordering: .acquiring) } } }

  /// How many workers took part.
  var workersSeen: Int { seen.load(ordering: .acquiring).nonzeroBitCount }

  func run(as worker: inout PoolWorker, of pool: ThreadPool) {
    seen.bitwiseOr(1 << worker.index, ordering: .relaxed)
    for (index, share) in phases.enumerated() {
      pool.share(share.total, chunk: share.chunk, by: &worker) { part in
        for item in part { counters[index][item].value.add(1, ordering: .relaxed) }
      }
      if worker.index == slowest { usleep(3000) }
    }
  }
}

/// Each worker writes a number, meets the others, and reads theirs.
private final class Meeting: PoolTask {
  private let workers: Int
  private let cells: UnsafeMutablePointer<Int>
  private let missed = Atomic<Int>(0)

  init(workers: Int) {
    self.workers = workers
    cells = .allocate(capacity: workers)
    cells.initialize(repeating: -1, count: workers)
  }

  deinit { cells.deallocate() }

  var misses: Int { missed.load(ordering: .acquiring) }

  func run(as worker: inout PoolWorker, of pool: ThreadPool) {
    for round in 0..<50 {
      cells[worker.index] = round
      pool.barrier(&worker)
      for other in 0..<workers where cells[other] != round {
        missed.add(1, ordering: .relaxed)
      }
      pool.barrier(&worker)
    }
  }
}
