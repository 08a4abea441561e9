import Benchmark
import Kernels

/// The benchmarks: every one says how many bytes a second it reads, and which share that is of the
/// bandwidth measured beside it with the same pool.
let benchmarks: @Sendable () -> Void = {
  Benchmark.defaultConfiguration = .init(
    metrics: [.wallClock, .rate, .share], warmupIterations: 2, maxDuration: .milliseconds(300),
    maxIterations: 2000)
  readingBenchmarks()
  productBenchmarks()
  attentionBenchmarks()
  rowBenchmarks()
  vocabularyBenchmarks()
}

extension BenchmarkMetric {
  /// Megabytes (10^6 bytes) a second.
  static let rate = custom("MB/s", polarity: .prefersLarger, useScalingFactor: false)
  /// Of the bandwidth of where the bytes lie, in percent.
  static let share = custom("% of bandwidth", polarity: .prefersLarger, useScalingFactor: false)
}

/// Where the bytes lie that a benchmark reads.
enum Place: String {
  case memory
  case cache

  /// Bytes a second, as measured.
  var bandwidth: Double {
    switch self {
    case .memory: Bandwidth.memory
    case .cache: Bandwidth.cache
    }
  }
}

/// A piece of work that reads a known number of bytes.
struct Work {
  /// Bytes read by one call.
  var bytes: Int
  /// Whether one thread does it alone, rather than the pool.
  var isAlone = false
  /// The call.
  var run: () -> Void
}

/// Adds a benchmark of the work that `make` prepares, which reads from `place`.
func measure(_ name: String, from place: Place, _ make: @escaping @Sendable () throws -> Work) {
  Benchmark("\(name), from \(place.rawValue)") { (benchmark: Benchmark, work: Work) in
    let clock = ContinuousClock()
    let begin = clock.now
    work.run()
    let rate = Double(work.bytes) / ((clock.now - begin) / .seconds(1))
    benchmark.measurement(.rate, Int(rate / 1e6))
    let bandwidth = place.bandwidth / Double(work.isAlone ? Machine.pool.count : 1)
    benchmark.measurement(.share, Int(100 * rate / bandwidth))
  } setup: {
    _ = place.bandwidth
    return try make()
  }
}

/// The bandwidth itself.
private func readingBenchmarks() {
  for (place, bytes) in [(Place.memory, 256 << 20), (.cache, Machine.pool.count << 19)] {
    measure("read", from: place) {
      let task = Reading(bytes: bytes)
      return Work(bytes: bytes) { Machine.pool.run(task) }
    }
  }
}
