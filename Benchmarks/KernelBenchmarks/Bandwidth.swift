import Foundation
import Kernels

/// How fast a pool of one thread per processor reads, in bytes per second: what no kernel can exceed
/// that reads each byte once.
struct Bandwidth {
  /// From memory: a buffer of 256 MiB, larger than the caches of the machines this is run on.
  static let memory = measured(bytes: 256 << 20)
  /// From the processors' own caches: half a MiB for each.
  static let cache = measured(bytes: Machine.pool.count << 19)

  /// The median of the rates at which a buffer of `bytes` is read, after one reading to warm up.
  private static func measured(bytes: Int) -> Double {
    let task = Reading(bytes: bytes)
    let turns = max(7, (64 << 20) / bytes)
    let rates = (0...turns).map { _ in
      let clock = ContinuousClock()
      let begin = clock.now
      Machine.pool.run(task)
      return Double(bytes) / ((clock.now - begin) / .seconds(1))
    }
    return rates.dropFirst().sorted()[turns / 2]
  }
}

/// Every worker reads its own part of a buffer, 256 bytes at a step, into sums that must be kept.
final class Reading: PoolTask {
  private let buffer: AlignedBytes
  private let sums: AlignedBytes

  init(bytes: Int) {
    buffer = AlignedBytes(count: bytes)
    // Pages that were never written all lie in the same place: one page of zeros.
    buffer.base.initializeMemory(as: UInt8.self, repeating: 1, count: bytes)
    sums = AlignedBytes(count: Machine.pool.count * 64, zeroed: true)
  }

  func run(as worker: inout PoolWorker, of pool: ThreadPool) {
    let steps = buffer.count / pool.count / 256
    let source = buffer.values(SIMD8<UInt64>.self) + worker.index * steps * 4
    var (a, b, c, d) = (
      SIMD8<UInt64>.zero, SIMD8<UInt64>.zero, SIMD8<UInt64>.zero, SIMD8<UInt64>.zero
    )
    for step in 0..<steps {
      a ^= source[4 * step]
      b ^= source[4 * step + 1]
      c ^= source[4 * step + 2]
      d ^= source[4 * step + 3]
    }
    sums.values(SIMD8<UInt64>.self)[worker.index] = (a ^ b) ^ (c ^ d)
  }
}

/// What the benchmarks run on.
enum Machine {
  /// One thread per processor, at most 16, as the program has by default.
  static let pool = ThreadPool(count: min(16, processors))
  /// The kernels that FATHOM_SIMD names, or the fastest.
  static let kernels: KernelSet = {
    let name = ProcessInfo.processInfo.environment["FATHOM_SIMD"] ?? ""
    return KernelSet(named: name.isEmpty ? nil : name) ?? .best
  }()

  private static var processors: Int { ProcessInfo.processInfo.activeProcessorCount }
}
