import Dials
import Kernels

/// What a pass of n rows costs against a pass of one: c(n) = time of n rows / time of one row.
///
/// A drafter reads it to decide how many guesses are worth a pass. Measured, never computed: it
/// depends on the machine's memory and on the kernels.
package struct CostTable: Hashable, Sendable {
  /// The row counts that are measured.
  package static let measuredCounts = [1, 2, 3, 4, 6, 8, 12, 16, 32]

  /// The cost at each of the measured counts, never falling.
  package let costs: [Double]
  /// What one row takes, in nanoseconds, head included.
  package let nanosecondsPerRow: Double

  /// A table with these costs at `measuredCounts`.
  package init(costs: [Double], nanosecondsPerRow: Double) {
    precondition(costs.count == Self.measuredCounts.count, "one cost for each measured count")
    var highest = 0.0
    self.costs = costs.map {
      highest = max(highest, $0)
      return highest
    }
    self.nanosecondsPerRow = nanosecondsPerRow
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

extension ForwardPass {
  /// Measures the table on a few blocks of this model, other blocks for each count so that weights
  /// come from where they come from in real passes; takes about as long as two tokens and leaves the
  /// cache as it was. The head is added by its share of the bytes.
  package func measureCosts() -> CostTable {
    precondition(rowCount == 0, "costs are measured between passes")
    let counts = CostTable.measuredCounts.filter { $0 <= rowCapacity }
    var times: [Double] = []
    let span = max(1, min(2, blockCount))
    for index in 0..<counts.count {
      var samples: [Double] = []
      for turn in 0..<2 {
        samples.append(time(rows: counts[index], from: (index * 2 + turn) * span, span: span))
      }
      times.append(samples.min() ?? 1)
    }
    while times.count < CostTable.measuredCounts.count { times.append(times.last ?? 1) }
    _ = work.take()
    let blocks = weights.blocks.reduce(0) { $0 + $1.view.byteCount }
    let perBlock = times[0] / Double(span) * Double(blockCount)
    return CostTable(
      costs: times.map { $0 / times[0] },
      nanosecondsPerRow: perBlock * Double(blocks + weights.head.byteCount) / Double(max(1, blocks)))
  }

  private func time(rows: Int, from first: Int, span: Int) -> Double {
    for row in 0..<rows {
      append(
        Row(
          token: TokenID(row), position: Position(cache.committedCount + row),
          parent: row == 0 ? nil : row - 1))
    }
    let start = first % max(1, blockCount - span + 1)
    let clock = ContinuousClock()
    let begin = clock.now
    run(rows: 0..<rows, blocks: start..<start + span)
    let time = (clock.now - begin).components
    discard()
    return Double(time.seconds) * 1e9 + Double(time.attoseconds) / 1e9
  }
}
