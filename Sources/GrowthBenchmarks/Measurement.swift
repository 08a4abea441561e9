import CAllocations
import Foundation
import Reports

/// What a workload took, size by size.
struct Measurement {
  /// One size.
  struct Point {
    var size: Int
    /// Processor time of the fastest try.
    var seconds: Double
    /// What the result takes of the heap.
    var bytes: Int
  }

  /// An exponent above this fails.
  ///
  /// Between 37,500 and 300,000 the exponent of n log n is 1.09. The rest is for caches that become too
  /// small and for a machine that does other things as well. What is quadratic has 2.
  static let limit = 1.25
  /// Sizes of which an exponent is fitted, the largest ones.
  private static let fitted = 3
  /// A shorter time says more of the clock than of the work.
  private static let leastSeconds = 0.0005
  /// Where the next size would take longer, it is left out.
  private static let patience = 30.0

  let workload: Workload
  private(set) var points: [Point] = []

  /// Runs the workload at each of its sizes, `tries` times.
  init(_ workload: Workload, tries: Int = 3) throws {
    self.workload = workload
    for size in workload.sizes {
      if let last = points.last, last.seconds * 4 * Double(tries) > Self.patience { break }
      var best: Point?
      for _ in 0..<tries {
        let point = try Self.point(workload, size)
        if point.seconds < best?.seconds ?? .infinity { best = point }
      }
      if let best { points.append(best) }
    }
  }

  private static func point(_ workload: Workload, _ size: Int) throws -> Point {
    let work = try workload.prepare(size)
    let before = ca_bytes_in_use()
    let start = processorSeconds
    let result = try work()
    let seconds = processorSeconds - start
    let bytes = ca_bytes_in_use() - before
    return withExtendedLifetime(result) {
      Point(size: size, seconds: seconds, bytes: max(0, bytes))
    }
  }

  /// What this process has had of the processor: other programs do not count.
  private static var processorSeconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// The slope of log time over log size by least squares; nil where the clock is too coarse for that.
  var exponent: Double? {
    let points = points.suffix(Self.fitted).filter { $0.seconds >= Self.leastSeconds }
    guard points.count >= 2 else { return nil }
    let x = points.map { log(Double($0.size)) }
    let y = points.map { log($0.seconds) }
    let (meanX, meanY) = (x.mean, y.mean)
    let covariance = zip(x, y).reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) }
    return covariance / x.reduce(0) { $0 + ($1 - meanX) * ($1 - meanX) }
  }

  /// Whether the time grows faster than it may.
  var isTooSteep: Bool { exponent.map { $0 > Self.limit } ?? false }

  /// The cells of its row in the table.
  var cells: [String] {
    let last = points.last
    let perElement = last.map { Double($0.bytes) / Double($0.size) } ?? 0
    return [
      workload.name, workload.unit, points.map { "\($0.size)" }.joined(separator: ", "),
      points.map { Numbers.fixed($0.seconds * 1000, 1) }.joined(separator: ", "),
      exponent.map { Numbers.fixed($0, 2) + (isTooSteep ? " !" : "") } ?? "under the clock",
      Numbers.fixed(perElement, perElement < 10 ? 1 : 0),
    ]
  }
}
