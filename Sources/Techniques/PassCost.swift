/// What a pass of some rows costs, in passes of one row at the same place of the text.
///
/// The table is measured on a short text. What attention adds is learned from the times of the passes:
/// `time = base · (table(rows) + first · positions + further · (rows − 1) · positions)`, fitted by least
/// squares with older passes fading. Where passes of several rows take longer than that beside passes
/// of one, all of them count as dearer: a table is measured in a moment, and moments differ.
package struct PassCost: Hashable, Sendable {
  /// What older passes weigh when a new one comes.
  private static let memory = 0.98
  /// How many passes the starting shares weigh.
  private static let priorWeight = 1.0
  /// What a new pass weighs beside older ones: in the pace of single rows, in the excess of several.
  private static let paceWeight = 0.1
  private static let excessWeight = 0.2
  /// By how much passes of several rows may be dearer than the table says.
  private static let highestExcess = 1.5

  /// Attention to one position, in passes of one row of a short text.
  package struct Shares: Hashable, Sendable {
    /// By the first row.
    package var first: Double
    /// By every further row.
    package var further: Double

    /// Shares of a pass.
    package init(first: Double, further: Double) {
      self.first = first
      self.further = further
    }
  }

  /// Entry n - 1: the cost of n rows of a short text, in passes of one row.
  private let table: [Double]
  private let start: Shares
  /// What attention adds.
  package private(set) var shares: Shares
  private var base = 0.0
  /// Nanoseconds of a pass of one row behind no text, by such passes alone; 0 before the first.
  private var pace = 0.0
  /// What passes of several rows took, in what they should.
  private var excess = 1.0

  private var passCount = 0.0
  /// Sums of products of features, [3, 3], and of features and times.
  private var products = [Double](repeating: 0, count: 9)
  private var times = [Double](repeating: 0, count: 3)

  /// Costs from a table for 1, 2, 3 ... rows and a first guess at attention's shares.
  package init(table: [Double], attention: Shares) {
    precondition(!table.isEmpty, "a table has a cost for one row")
    self.table = table
    start = attention
    shares = attention
  }

  /// The most rows that the table knows.
  package var rowLimit: Int { table.count }

  /// The cost of `rows` rows behind `positions` positions of text.
  package func cost(rows: Int, positions: Int) -> Double {
    if rows <= 1 { return 1 }
    let cost = absolute(rows: rows, positions: positions) / absolute(rows: 1, positions: positions)
    return cost * min(max(1, excess), Self.highestExcess)
  }

  /// Nanoseconds of a pass of one row behind `positions` positions, by the passes seen so far; nil
  /// before the first.
  package func nanoseconds(behind positions: Int) -> Double? {
    let unit = pace > 0 ? pace : base
    return unit > 0 ? unit * absolute(rows: 1, positions: positions) : nil
  }

  private func absolute(rows: Int, positions: Int) -> Double {
    let features = features(rows: rows, positions: positions)
    return features[0] + shares.first * features[1] + shares.further * features[2]
  }

  private func features(rows: Int, positions: Int) -> [Double] {
    [
      table[min(max(1, rows), table.count) - 1], Double(positions),
      Double(max(0, rows - 1) * positions),
    ]
  }

  /// Learns from the time that a pass took. A time far out of line is not the pass's own.
  package mutating func observe(rows: Int, positions: Int, nanoseconds: Int) {
    let time = Double(nanoseconds)
    if passCount > 8, time > 2 * base * absolute(rows: rows, positions: positions) { return }
    let features = features(rows: rows, positions: positions)
    passCount = passCount * Self.memory + 1
    for i in 0..<3 {
      times[i] = times[i] * Self.memory + features[i] * time
      for j in 0..<3 {
        products[i * 3 + j] = products[i * 3 + j] * Self.memory + features[i] * features[j]
      }
    }
    fit()
    let taken = time / absolute(rows: rows, positions: positions)
    if rows == 1 {
      pace += pace > 0 ? Self.paceWeight * (min(taken, 2 * pace) - pace) : taken
    } else if pace > 0 {
      excess += Self.excessWeight * (min(max(taken / pace, 0.5), 2) - excess)
    }
  }

  /// Solves the normal equations; each share is drawn towards where it started.
  private mutating func fit() {
    var matrix = products
    for (index, share) in [(1, start.first), (2, start.further)] {
      let weight = Self.priorWeight * max(products[index * 4], 1) / passCount
      matrix[0] += weight * share * share
      matrix[index] -= weight * share
      matrix[index * 3] -= weight * share
      matrix[index * 4] += weight
    }
    guard let solution = Self.solve(matrix, times), solution[0] > 0 else { return }
    base = solution[0]
    func bounded(_ value: Double, _ start: Double) -> Double {
      min(max(value / base, start / 8), start * 4)
    }
    shares = Shares(
      first: bounded(solution[1], start.first), further: bounded(solution[2], start.further))
  }

  /// The solution of a symmetric positive system of three equations (Cholesky); nil if it has none.
  private static func solve(_ matrix: [Double], _ right: [Double]) -> [Double]? {
    var lower = [Double](repeating: 0, count: 9)
    var x = right
    for i in 0..<3 {
      for j in 0...i {
        let sum = (0..<j).reduce(matrix[i * 3 + j]) { $0 - lower[i * 3 + $1] * lower[j * 3 + $1] }
        if i == j {
          guard sum > 1e-12 * matrix[i * 4] else { return nil }
          lower[i * 4] = sum.squareRoot()
        } else {
          lower[i * 3 + j] = sum / lower[j * 4]
        }
      }
      x[i] = (0..<i).reduce(x[i]) { $0 - lower[i * 3 + $1] * x[$1] } / lower[i * 4]
    }
    for i in (0..<3).reversed() {
      x[i] = (i + 1..<3).reduce(x[i]) { $0 - lower[$1 * 3 + i] * x[$1] } / lower[i * 4]
    }
    return x
  }
}
