import Kernels

/// What no kernel can exceed on this machine, measured with the threads of a model.
struct MachineLimits: Codable {
  /// Bytes read from memory in a second.
  var bytesPerSecond: Double
  /// Multiply-accumulates of bytes in a second that lie in registers; nil for kernels without such products.
  var macsPerSecond: Double?

  /// Measures both, in about a fifth of a second.
  init(pool: ThreadPool, kernels: KernelSet) {
    let byteCount = 256 << 20  // larger than caches
    let reading = MemoryReading(byteCount: byteCount, workerCount: pool.count)
    bytesPerSecond = Self.rate(of: Double(byteCount), turns: 7) { pool.run(reading) }
    let multiplying = Multiplying(kernels: kernels)
    pool.run(multiplying)
    let count = multiplying.countOfOne * pool.count
    guard count > 0 else { return }
    macsPerSecond = Self.rate(of: Double(count), turns: 15) { pool.run(multiplying) }
  }

  /// The highest of the rates at which `work` does `amount`: a limit is what was reached once.
  private static func rate(of amount: Double, turns: Int, _ work: () -> Void) -> Double {
    (0..<turns).reduce(0) { highest, _ in
      let clock = ContinuousClock()
      let begin = clock.now
      work()
      return max(highest, amount / ((clock.now - begin) / .seconds(1)))
    }
  }
}

/// Every worker multiplies what it has in registers, for about a millisecond.
private final class Multiplying: PoolTask {
  private let kernels: KernelSet
  /// Multiply-accumulates of one worker in a run, once there was one.
  nonisolated(unsafe) private(set) var countOfOne = 0

  init(kernels: KernelSet) { self.kernels = kernels }

  func run(as worker: inout PoolWorker, of pool: ThreadPool) {
    let count = kernels.multiplyAtPeak(rounds: 400_000)
    if worker.index == 0 { countOfOne = count }
  }
}
