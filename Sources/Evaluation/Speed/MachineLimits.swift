import Kernels

/// What no kernel can exceed on this machine, measured with the threads of a model.
struct MachineLimits: Codable {
  /// Bytes read from memory in a second.
  var bytesPerSecond: Double
  /// Multiply-accumulates of bytes in a second that lie in registers; nil for kernels without such products.
  var macsPerSecond: Double?

  /// Measures both, in about a fifth of a second.
  init(pool: ThreadPool, kernels: KernelSet) {
    let reading = Reading(byteCount: 256 << 20, pool: pool)
    bytesPerSecond = Self.rate(of: Double(reading.byteCount), turns: 7) { pool.run(reading) }
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

/// Every worker reads its own part of a buffer that is larger than caches, 256 bytes at a step.
private final class Reading: PoolTask {
  let byteCount: Int
  private let buffer: AlignedBytes
  private let sums: AlignedBytes

  init(byteCount: Int, pool: ThreadPool) {
    self.byteCount = byteCount
    buffer = AlignedBytes(count: byteCount)
    // Pages that were never written all lie in the same place: one page of zeros.
    buffer.base.initializeMemory(as: UInt8.self, repeating: 1, count: byteCount)
    sums = AlignedBytes(count: pool.count * 64, zeroed: true)
  }

  func run(as worker: inout PoolWorker, of pool: ThreadPool) {
    let steps = byteCount / pool.count / 256
    let source = buffer.values(SIMD8<UInt64>.self) + worker.index * steps * 4
    var (a, b) = (SIMD8<UInt64>.zero, SIMD8<UInt64>.zero)
    for step in 0..<steps {
      a ^= source[4 * step] ^ source[4 * step + 1]
      b ^= source[4 * step + 2] ^ source[4 * step + 3]
    }
    sums.values(SIMD8<UInt64>.self)[worker.index] = a ^ b
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
