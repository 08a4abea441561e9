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

  /// A table without kinks: every further row costs at least as much as those before it, since a pass is
  /// bound by memory first and by products later.
  ///
  /// Where what was measured contradicts this, rows cost the mean (pool adjacent violators). A table
  /// measured in a moment has kinks that no later pass shows, and whoever looks for the best number of
  /// rows would stop at them.
  package var convex: CostTable {
    let counts = Self.measuredCounts
    var slopes: [(value: Double, width: Int)] = []
    for index in counts.indices.dropFirst() {
      let width = counts[index] - counts[index - 1]
      slopes.append(((costs[index] - costs[index - 1]) / Double(width), width))
      while let last = slopes.last, let before = slopes.dropLast().last, before.value > last.value {
        let width = before.width + last.width
        let rise = before.value * Double(before.width) + last.value * Double(last.width)
        slopes.removeLast(2)
        slopes.append((rise / Double(width), width))
      }
    }
    let steps = slopes.flatMap { Array(repeating: $0.value, count: $0.width) }
    return CostTable(times: counts.map { steps.prefix($0 - 1).reduce(1, +) })
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
