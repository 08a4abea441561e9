import CKernels
import Foundation
import Synchronization

/// Work that every worker of a pool does at the same time.
package protocol PoolTask: AnyObject {
  /// The part of `worker`. May meet the others at `pool.barrier()`.
  func run(as worker: inout PoolWorker, of pool: ThreadPool)
}

/// One worker of a pool at work.
package struct PoolWorker {
  /// 0..<`pool.count`.
  package let index: Int
  /// What it will read next, if it knows: warmed while it waits.
  package var prefetch = Prefetch.nothing
  /// How many times it has shared work.
  fileprivate var phase = 0

  fileprivate init(_ index: Int) { self.index = index }
}

/// A fixed set of threads for fork and join inside a forward pass.
///
/// The caller is worker 0. The others spin briefly when idle, then sleep, so a finished pass costs
/// nothing. Results never depend on which worker does what.
///
/// `@unchecked`: `task` is written by the caller that holds `entrance`, only while every other worker
/// waits, and is published by the atomic `started`.
package final class ThreadPool: @unchecked Sendable {
  /// How many workers share the work, the caller included.
  package let count: Int

  private var task: (any PoolTask)?
  private let started = Atomic<Int>(0)
  private let arrived = Atomic<Int>(0)
  private let passed = Atomic<Int>(0)
  private let ended = Atomic<Bool>(false)
  private let sleeping = Atomic<Int>(0)
  private let waiting = Atomic<Int>(0)
  /// Rung for sleeping workers when there is a task.
  private let bell = NSCondition()
  /// Rung for workers that sleep at a barrier.
  private let gate = NSCondition()
  /// Held while a task runs: callers on several threads, such as two engines of one model, take
  /// turns.
  private let entrance = NSLock()
  private let claims: Claims

  /// Spins before an idle worker sleeps (some tens of microseconds).
  private static let idleSpins = 20_000
  /// Spins at a barrier before a worker sleeps: where another program has taken a processor from the
  /// pool, who waits must give its own up, or both wait for whole time slices.
  private static let barrierSpins = 4_000

  /// A pool of `count` workers; `count` - 1 threads are started.
  package init(count: Int) {
    self.count = max(1, count)
    claims = Claims(workers: self.count)
    for worker in 1..<self.count {
      let thread = Thread { [weak self] in
        var seen = 0
        while let pool = self, pool.work(as: worker, after: &seen) {}
      }
      thread.stackSize = 1 << 20
      thread.qualityOfService = .userInitiated
      thread.name = "fathom-pool-\(worker)"
      thread.start()
      // On Linux a name takes hold only once there is a thread.
      thread.name = "fathom-pool-\(worker)"
    }
  }

  /// Ends the threads; the pool cannot be used afterwards.
  package func dismiss() {
    ended.store(true, ordering: .releasing)
    ring(bell)
  }

  /// Has every worker run `task` and returns when all are done. May be called from any thread.
  package func run(_ task: some PoolTask) {
    entrance.lock()
    defer { entrance.unlock() }
    self.task = task
    claims.reset()
    if count > 1 {
      started.add(1, ordering: .sequentiallyConsistent)
      if sleeping.load(ordering: .sequentiallyConsistent) > 0 { ring(bell) }
    }
    var worker = PoolWorker(0)
    task.run(as: &worker, of: self)
    barrier(&worker)
    self.task = nil
  }

  /// Returns when every worker has arrived. Who waits calls what it will read next into its cache
  /// meanwhile, so that the memory is not idle.
  package func barrier(_ worker: inout PoolWorker) {
    guard count > 1 else { return }
    let turn = passed.load(ordering: .acquiring)
    if arrived.add(1, ordering: .acquiringAndReleasing).newValue == count {
      arrived.store(0, ordering: .relaxed)
      passed.store(turn &+ 1, ordering: .sequentiallyConsistent)
      if waiting.load(ordering: .sequentiallyConsistent) > 0 { ring(gate) }
      return
    }
    for _ in 0..<Self.barrierSpins {
      if passed.load(ordering: .acquiring) != turn { return }
      if !worker.prefetch.warmNext() { ck_relax() }
    }
    gate.lock()
    waiting.add(1, ordering: .sequentiallyConsistent)
    while passed.load(ordering: .sequentiallyConsistent) == turn { gate.wait() }
    waiting.subtract(1, ordering: .sequentiallyConsistent)
    gate.unlock()
  }

  /// Shares out `total` items in chunks and meets at a barrier after.
  ///
  /// Every worker begins with a part of its own, so it knows what it will read, and then helps the
  /// others with theirs. All workers must call it in the same order with the same arguments.
  @inline(__always)
  package func share(
    _ total: Int, chunk: Int, by worker: inout PoolWorker, _ body: (Range<Int>) -> Void
  ) {
    if count == 1 {
      if total > 0 { body(0..<total) }
      return
    }
    claims.clear(phase: worker.phase + 2, worker: worker.index)
    for turn in 0..<count {
      let owner = (worker.index + turn) % count
      let part = part(of: total, worker: owner)
      while true {
        let first = part.lowerBound + claims.take(chunk, phase: worker.phase, worker: owner)
        if first >= part.upperBound { break }
        body(first..<min(first + chunk, part.upperBound))
      }
    }
    worker.phase += 1
    barrier(&worker)
  }

  /// The part of `total` items that `worker` begins with.
  package func part(of total: Int, worker: Int) -> Range<Int> {
    total * worker / count..<total * (worker + 1) / count
  }

  /// The chunk that gives every worker a few turns over `total` items.
  package func chunk(of total: Int) -> Int { max(1, total / (count * 8)) }

  private func ring(_ condition: NSCondition) {
    condition.lock()
    condition.broadcast()
    condition.unlock()
  }

  /// Waits for the next task and does it; false when the pool is dismissed.
  private func work(as index: Int, after seen: inout Int) -> Bool {
    var spins = 0
    while started.load(ordering: .acquiring) == seen {
      if ended.load(ordering: .acquiring) { return false }
      spins += 1
      if spins < Self.idleSpins {
        ck_relax()
      } else {
        sleep(until: seen)
      }
    }
    seen += 1
    var worker = PoolWorker(index)
    task?.run(as: &worker, of: self)
    barrier(&worker)
    return true
  }

  private func sleep(until seen: Int) {
    bell.lock()
    sleeping.add(1, ordering: .sequentiallyConsistent)
    while started.load(ordering: .sequentiallyConsistent) == seen,
      !ended.load(ordering: .acquiring)
    {
      bell.wait()
    }
    sleeping.subtract(1, ordering: .sequentiallyConsistent)
    bell.unlock()
  }
}
