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
    let task = MemoryReading(byteCount: bytes, workerCount: Machine.pool.count)
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
