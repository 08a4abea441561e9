import CKernels
import Foundation
import Synchronization

/// Work that every worker of a pool does at the same time.
package protocol PoolTask: AnyObject {
  /// Whether the work is shared out in pieces so small that who waits long at a barrier waits for a worker
  /// that has no processor. Then fewer workers may take part in the next such task.
  var isFineGrained: Bool { get }

  /// The part of `worker`. May meet the others at `pool.barrier()`.
  func run(as worker: inout PoolWorker, of pool: ThreadPool)
}

extension PoolTask {
  package var isFineGrained: Bool { false }
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
/// nothing. Where other programs hold processors, fewer workers take part (`CrewSize`). Results never
/// depend on which worker does what, nor on how many there are.
///
/// `@unchecked`: `task`, `active` and `size` are written by the caller that holds `entrance`, only while no
/// other worker works, and are published by the atomic `call`.
package final class ThreadPool: @unchecked Sendable {
  /// How many workers there are, the caller included.
  package let count: Int

  private var task: (any PoolTask)?
  /// Workers that take part in the task.
  private var active: Int
  private var size: CrewSize
  private var turnout = Turnout()
  /// The number of the last task that asked for others, and how many workers take part in it.
  private let call = Atomic<Int>(0)
  private let arrived = Atomic<Int>(0)
  private let passed = Atomic<Int>(0)
  /// Workers that have done their part, the caller aside.
  private let finished = Atomic<Int>(0)
  private let ended = Atomic<Bool>(false)
  /// Nanoseconds that workers slept at barriers of the task.
  private let slept = Atomic<Int>(0)
  /// Where workers sleep until there is a task, and where those that the last one left out do.
  private let bell = Bell()
  private let bench = Bell()
  /// Where workers sleep at a barrier, and the caller until all are done.
  private let gate = Bell()
  /// Held while a task runs: callers on several threads, such as two engines of one model, take
  /// turns.
  private let entrance = NSLock()
  private let claims: Claims

  /// How long an idle worker spins before it sleeps.
  private static let idleSpin = Duration.microseconds(300)
  /// How long a worker spins at a barrier before it sleeps: where another program has taken a processor from
  /// the pool, who waits must give its own up, or both wait for whole time slices.
  private static let barrierSpin = Duration.microseconds(50)
  /// Spins between two looks at the clock. A spin takes 4 to 60 nanoseconds, so they are not counted alone.
  private static let spinsPerLook = 128

  /// A pool of `count` workers; `count` - 1 threads are started.
  package init(count: Int) {
    self.count = max(1, count)
    active = self.count
    size = CrewSize(limit: self.count)
    claims = Claims(workers: self.count)
    for worker in 1..<self.count {
      let thread = Thread { [weak self] in
        var seen = Call(rawValue: 0)
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
    ended.store(true, ordering: .sequentiallyConsistent)
    bell.ring()
    bench.ring()
  }

  /// Has every worker run `task` and returns when all are done. May be called from any thread. Of a
  /// fine-grained task, only those for which there are processors.
  package func run(_ task: some PoolTask) {
    entrance.lock()
    defer { entrance.unlock() }
    self.task = task
    claims.reset()
    slept.store(0, ordering: .relaxed)
    let isAdaptive = count > 1 && task.isFineGrained
    let begin = ContinuousClock.now
    active = isAdaptive ? size.active : count
    if active > 1 { callOthers() }
    var worker = PoolWorker(0)
    task.run(as: &worker, of: self)
    if active > 1 { awaitOthers() }
    if isAdaptive {
      turnout.tasks += 1
      if active < count { turnout.shortTasks += 1 }
      size.learn(
        time: (ContinuousClock.now - begin).nanoseconds, slept: slept.load(ordering: .relaxed))
    }
    self.task = nil
  }

  /// Whether there were processors for all workers so far.
  package var turnoutSoFar: Turnout { entrance.withLock { turnout } }

  private func callOthers() {
    finished.store(0, ordering: .relaxed)
    let last = Call(rawValue: call.load(ordering: .relaxed))
    let next = Call(number: last.number &+ 1, workers: active)
    call.store(next.rawValue, ordering: .sequentiallyConsistent)
    bell.ring()
    if active > last.workers { bench.ring() }
  }

  private func awaitOthers() {
    var nothing = Prefetch.nothing
    wait(warming: &nothing) { finished.load(ordering: .sequentiallyConsistent) == active - 1 }
  }

  /// Returns when every worker has arrived. Who waits calls what it will read next into its cache
  /// meanwhile, so that the memory is not idle.
  package func barrier(_ worker: inout PoolWorker) {
    guard active > 1 else { return }
    let turn = passed.load(ordering: .acquiring)
    if arrived.add(1, ordering: .acquiringAndReleasing).newValue == active {
      arrived.store(0, ordering: .relaxed)
      passed.store(turn &+ 1, ordering: .sequentiallyConsistent)
      gate.ring()
      return
    }
    wait(warming: &worker.prefetch) {
      passed.load(ordering: .sequentiallyConsistent) != turn
    }
  }

  /// Shares out `total` items in chunks and meets at a barrier after.
  ///
  /// Every worker begins with a part of its own, so it knows what it will read, and then helps the
  /// others with theirs. All workers must call it in the same order with the same arguments.
  @inline(__always)
  package func share(
    _ total: Int, chunk: Int, by worker: inout PoolWorker, _ body: (Range<Int>) -> Void
  ) {
    if active == 1 {
      if total > 0 { body(0..<total) }
      return
    }
    claims.clear(phase: worker.phase + 2, worker: worker.index)
    for turn in 0..<active {
      let owner = (worker.index + turn) % active
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
    total * worker / active..<total * (worker + 1) / active
  }

  /// The chunk that gives every worker a few turns over `total` items.
  package func chunk(of total: Int) -> Int { max(1, total / (active * 8)) }

  /// Waits for the next task that this worker takes part in and does it; false when the pool is dismissed.
  private func work(as index: Int, after seen: inout Call) -> Bool {
    let last = seen
    var nothing = Prefetch.nothing
    _ = spin(for: Self.idleSpin, warming: &nothing) {
      call.load(ordering: .acquiring) != last.rawValue || ended.load(ordering: .acquiring)
    }
    while true {
      let latest = Call(rawValue: call.load(ordering: .sequentiallyConsistent))
      if latest != last, index < latest.workers {
        seen = latest
        break
      }
      if ended.load(ordering: .sequentiallyConsistent) { return false }
      // Who is left out sleeps apart, so that the others can be called without it.
      (index < latest.workers ? bell : bench).sleep {
        call.load(ordering: .sequentiallyConsistent) == latest.rawValue
          && !ended.load(ordering: .sequentiallyConsistent)
      }
    }
    var worker = PoolWorker(index)
    task?.run(as: &worker, of: self)
    finished.add(1, ordering: .sequentiallyConsistent)
    gate.ring()
    return true
  }

  /// Waits for the others: spins, then sleeps at the gate. The time of a sleep and of the spins before it is
  /// added to `slept`.
  private func wait(warming prefetch: inout Prefetch, until isDone: () -> Bool) {
    let begin = ContinuousClock.now
    if spin(for: Self.barrierSpin, warming: &prefetch, until: isDone) { return }
    gate.sleep { !isDone() }
    slept.add((ContinuousClock.now - begin).nanoseconds, ordering: .relaxed)
  }

  /// Spins until `isDone`, and meanwhile calls what is read next into the cache; false when `time` is over.
  private func spin(
    for time: Duration, warming prefetch: inout Prefetch, until isDone: () -> Bool
  ) -> Bool {
    for _ in 0..<Self.spinsPerLook {
      if isDone() { return true }
      if !prefetch.warmNext() { ck_relax() }
    }
    let begin = ContinuousClock.now
    repeat {
      for _ in 0..<Self.spinsPerLook {
        if isDone() { return true }
        if !prefetch.warmNext() { ck_relax() }
      }
    } while ContinuousClock.now - begin < time
    return isDone()
  }
}

/// Whether there were processors for all workers of a pool.
package struct Turnout: Hashable, Sendable {
  /// Fine-grained tasks.
  package var tasks = 0
  /// Those of them in which fewer workers than the pool has took part.
  package var shortTasks = 0

  /// Their share, 0...1.
  package var shortShare: Double { tasks > 0 ? Double(shortTasks) / Double(tasks) : 0 }
}

/// What the workers of a pool are called to: the number of a task and how many take part in it, in one word.
private struct Call: Equatable {
  let rawValue: Int

  init(rawValue: Int) { self.rawValue = rawValue }

  init(number: Int, workers: Int) { rawValue = number << 16 | workers }

  var number: Int { rawValue >> 16 }
  var workers: Int { rawValue & 0xFFFF }
}

extension Duration {
  fileprivate var nanoseconds: Int {
    Int(components.seconds) * 1_000_000_000 + Int(components.attoseconds / 1_000_000_000)
  }
}
