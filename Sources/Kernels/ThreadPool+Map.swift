extension ThreadPool {
  /// What `make` gives for each of 0..<`count`, in this order: shared out one by one. The caller makes a
  /// single one by itself, which costs less than to wake the others.
  package func map<Result>(_ count: Int, _ make: @escaping (Int) -> Result) -> [Result] {
    guard count > 1 else { return (0..<count).map(make) }
    let task = MapTask(count: count, make: make)
    run(task)
    return task.results.compactMap(\.self)
  }
}

private final class MapTask<Result>: PoolTask {
  private let make: (Int) -> Result
  let results: UnsafeMutableBufferPointer<Result?>

  init(count: Int, make: @escaping (Int) -> Result) {
    self.make = make
    results = .allocate(capacity: count)
    results.initialize(repeating: nil)
  }

  deinit {
    results.deinitialize()
    results.deallocate()
  }

  func run(as worker: inout PoolWorker, of pool: ThreadPool) {
    pool.share(results.count, chunk: 1, by: &worker) { part in
      for index in part { results[index] = make(index) }
    }
  }
}
