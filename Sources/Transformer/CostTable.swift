/// What a pass of n rows costs against a pass of one: c(n) = time of n rows / time of one row.
///
/// A drafter reads it to decide how many guesses are worth a pass. Measured, never computed: it
/// depends on the machine's memory and on the kernels.
package struct CostTable: Hashable, Sendable {
  /// The row counts that are measured.
  package static let measuredCounts = [1, 2, 3, 4, 6, 8, 12, 16, 32]

  /// The cost at each of the measured counts, never falling.
  package let costs: [Double]

  /// A table from the times of passes with `measuredCounts` rows.
  package init(times: [Double]) {
    precondition(times.count == Self.measuredCounts.count, "one time for each measured count")
    var highest = 0.0
    costs = times.map {
      highest = max(highest, $0 / times[0])
      return highest
    }
  }

  /// The cost of a pass of `count` rows, in passes of one row; linear between and beyond what was
  /// measured.
  package func cost(of count: Int) -> Double {
    let counts = Self.measuredCounts
    guard count > 1 else { return Double(max(0, count)) }
    let upper = counts.firstIndex { $0 >= count } ?? counts.count - 1
    let (a, b) = (counts[upper - 1], counts[upper])
    let slope = (costs[upper] - costs[upper - 1]) / Double(b - a)
    return costs[upper - 1] + slope * Double(count - a)
  }
}
