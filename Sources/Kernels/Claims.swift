import Synchronization

/// Counters from which chunks of work are claimed: per phase and worker, phases in a ring of four.
///
/// While phase p runs, every worker clears its counter of phase p + 2: the last users of that one, in
/// phase p - 2, have all passed the barrier of phase p - 1.
struct Claims: ~Copyable, Sendable {
  private static let phases = 4
  /// Counters between two that are used: each has a pair of cache lines for itself.
  private static let spacing = 16

  private let workers: Int
  /// [phase, worker, spacing]; atomic, and freed only with the pool.
  nonisolated(unsafe) private let counters: UnsafeMutablePointer<Atomic<Int>>

  init(workers: Int) {
    self.workers = workers
    let count = Self.phases * workers * Self.spacing
    counters = .allocate(capacity: count)
    for index in 0..<count { (counters + index).initialize(to: Atomic(0)) }
  }

  deinit {
    counters.deinitialize(count: Self.phases * workers * Self.spacing)
    counters.deallocate()
  }

  /// Claims the next `count` items of `worker`'s part and returns the first.
  func take(_ count: Int, phase: Int, worker: Int) -> Int {
    cell(phase, worker).pointee.add(count, ordering: .relaxed).oldValue
  }

  func clear(phase: Int, worker: Int) {
    cell(phase, worker).pointee.store(0, ordering: .relaxed)
  }

  /// Clears all, while nobody works.
  func reset() {
    for index in 0..<Self.phases * workers {
      counters[index * Self.spacing].store(0, ordering: .relaxed)
    }
  }

  private func cell(_ phase: Int, _ worker: Int) -> UnsafeMutablePointer<Atomic<Int>> {
    counters + ((phase & (Self.phases - 1)) * workers + worker) * Self.spacing
  }
}
