import Foundation

/// Runs the engine's jobs one after another on a thread of its own, so that a forward pass never
/// holds up the cooperative pool.
final class EngineExecutor: SerialExecutor {
  private let queue = JobQueue()

  init() {
    let queue = queue
    let thread = Thread { queue.drain() }
    thread.stackSize = 8 << 20
    thread.qualityOfService = .userInitiated
    thread.name = "fathom-engine"
    thread.start()
    // On Linux a name takes hold only once there is a thread.
    thread.name = "fathom-engine"
  }

  deinit { queue.close() }

  func enqueue(_ job: consuming ExecutorJob) {
    queue.add(UnownedJob(job), executor: asUnownedSerialExecutor())
  }
}

/// Jobs waiting for the thread.
private final class JobQueue: Sendable {
  private struct Entry {
    let job: UnownedJob
    let executor: UnownedSerialExecutor
  }

  private let bell = NSCondition()
  nonisolated(unsafe) private var waiting: [Entry] = []  // guarded by bell
  nonisolated(unsafe) private var isClosed = false  // guarded by bell

  func add(_ job: UnownedJob, executor: UnownedSerialExecutor) {
    bell.lock()
    waiting.append(Entry(job: job, executor: executor))
    bell.signal()
    bell.unlock()
  }

  func close() {
    bell.lock()
    isClosed = true
    bell.signal()
    bell.unlock()
  }

  func drain() {
    while let entry = next() { entry.job.runSynchronously(on: entry.executor) }
  }

  private func next() -> Entry? {
    bell.lock()
    defer { bell.unlock() }
    while waiting.isEmpty {
      if isClosed { return nil }
      bell.wait()
    }
    return waiting.removeFirst()
  }
}
