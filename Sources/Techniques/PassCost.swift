/// What a pass of some rows costs, in passes of one row at the same place of the text.
///
/// The table is measured on a short text. What attention adds for each row and position is learned
/// from the times of the passes: `time = base · (table(rows) + share · rows · positions)`, fitted by
/// least squares with older passes fading.
package struct PassCost: Hashable, Sendable {
  /// What older passes weigh when a new one comes.
  private static let memory = 0.98
  /// How many passes the starting share weighs.
  private static let priorWeight = 10.0

  /// Entry n - 1: the cost of n rows of a short text, in passes of one row.
  private let table: [Double]
  /// The share before anything is measured.
  private let start: Double
  /// Attention to one position by one row, in passes of one row of a short text.
  package private(set) var share: Double
  private var base = 0.0

  private var passes = 0.0
  private var rowsByRows = 0.0
  private var rowsByReach = 0.0
  private var reachByReach = 0.0
  private var rowsByTime = 0.0
  private var reachByTime = 0.0

  /// Costs from a table for 1, 2, 3 ... rows and a first guess at attention's share.
  package init(table: [Double], attentionShare: Double) {
    precondition(!table.isEmpty, "a table has a cost for one row")
    self.table = table
    start = attentionShare
    share = attentionShare
  }

  /// The most rows that the table knows.
  package var rowLimit: Int { table.count }

  /// The cost of `rows` rows behind `positions` positions of text.
  package func cost(rows: Int, positions: Int) -> Double {
    let one = table[0] + share * Double(positions)
    return absolute(rows: rows, positions: positions) / one
  }

  private func absolute(rows: Int, positions: Int) -> Double {
    table[min(max(1, rows), table.count) - 1] + share * Double(rows * positions)
  }

  /// Learns from the time that a pass took. A time far out of line is not the pass's own.
  package mutating func observe(rows: Int, positions: Int, nanoseconds: Int) {
    let time = Double(nanoseconds)
    let expected = base * absolute(rows: rows, positions: positions)
    if passes > 8, time > 2 * expected { return }
    let c = table[min(max(1, rows), table.count) - 1]
    let x = Double(rows * positions)
    func fade(_ sum: inout Double, _ value: Double) { sum = sum * Self.memory + value }
    fade(&passes, 1)
    fade(&rowsByRows, c * c)
    fade(&rowsByReach, c * x)
    fade(&reachByReach, x * x)
    fade(&rowsByTime, c * time)
    fade(&reachByTime, x * time)
    fit()
  }

  private mutating func fit() {
    let weight = Self.priorWeight * reachByReach / passes
    let a = rowsByRows + weight * start * start
    let b = rowsByReach - weight * start
    let d = reachByReach + weight
    let determinant = a * d - b * b
    guard determinant > 1e-9 * a * d else {
      if rowsByRows > 0 { base = rowsByTime / rowsByRows }
      return
    }
    base = (rowsByTime * d - reachByTime * b) / determinant
    let slope = (reachByTime * a - rowsByTime * b) / determinant
    guard base > 0 else { return }
    share = min(max(slope / base, start / 4), start * 4)
  }
}
