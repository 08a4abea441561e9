/// What a pass of some rows costs, in passes of one row at the same place of the text.
///
/// A table for a short text says how cost grows with rows, and shares say what attention adds. Where the
/// clock is asked, how steeply it grows and what attention adds is learned from the times of the passes:
/// `time = base · (1 + rise · (table(rows) − 1) + first · positions + further · (rows − 1) · positions)`,
/// fitted by least squares of relative errors, with older passes fading. A machine is faster in one
/// moment than in the next, so passes of one row and of several are put to the same fit.
package struct PassCost: Hashable, Sendable {
  /// What older passes weigh when a new one comes.
  private static let memory = 0.985
  /// How many passes the starting shares weigh: that of the table's rise, and those of attention.
  private static let priorWeights = (rise: 3.0, attention: 1.0)
  /// What a new pass weighs beside older ones in the pace.
  private static let paceWeight = 0.1
  /// What a further row costs at least, by the table: what costs nothing would have no rise to learn.
  private static let leastStep = 0.01
  /// How the rise and the shares may differ from where they start.
  private static let bounds = 0.125...8.0
  /// What a pass took beyond so many times what was expected is not its own.
  private static let outlier = 1.5

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
  /// How much more steeply than in the table cost grows with rows.
  package private(set) var rise = 1.0
  /// Nanoseconds of a pass of one row of a short text, by the latest passes; 0 before the first.
  private var pace = 0.0

  private var passCount = 0.0
  /// Sums of products of features, and of features and times.
  private var products = [SIMD4<Double>](repeating: .zero, count: 4)
  private var times = SIMD4<Double>.zero

  /// Costs from a table for 1, 2, 3 ... rows and a first draft token at attention's shares.
  package init(table: [Double], attention: Shares) {
    precondition(!table.isEmpty, "a table has a cost for one row")
    self.table = table.enumerated().map { max($1, 1 + Self.leastStep * Double($0)) }
    start = attention
    shares = attention
  }

  /// The most rows that the table knows.
  package var rowLimit: Int { table.count }

  /// The cost of `rows` rows behind `positions` positions of text.
  package func cost(rows: Int, positions: Int) -> Double {
    if rows <= 1 { return 1 }
    return absolute(rows: rows, positions: positions) / absolute(rows: 1, positions: positions)
  }

  /// What a pass that took `nanoseconds` cost, in passes of one row; its expected cost where the time is
  /// not known, and as much of it as may be its own.
  package func paid(rows: Int, positions: Int, nanoseconds: Int?) -> Double {
    let expected = cost(rows: rows, positions: positions)
    guard let nanoseconds, let plain = self.nanoseconds(behind: positions) else { return expected }
    return min(max(Double(nanoseconds) / plain, expected / Self.outlier), expected * Self.outlier)
  }

  /// Nanoseconds of a pass of one row behind `positions` positions, by the passes seen so far; nil
  /// before the first.
  package func nanoseconds(behind positions: Int) -> Double? {
    pace > 0 ? pace * absolute(rows: 1, positions: positions) : nil
  }

  private func absolute(rows: Int, positions: Int) -> Double {
    (SIMD4(1, rise, shares.first, shares.further) * features(rows: rows, positions: positions))
      .sum()
  }

  private func features(rows: Int, positions: Int) -> SIMD4<Double> {
    SIMD4(
      1, table[min(max(1, rows), table.count) - 1] - 1, Double(positions),
      Double(max(0, rows - 1) * positions))
  }

  /// Learns from the time that a pass took.
  package mutating func observe(rows: Int, positions: Int, nanoseconds: Int) {
    let expected = absolute(rows: rows, positions: positions)
    var time = Double(nanoseconds) / expected
    // Neither one pass nor the first ones that held something up say how fast the others are.
    pace = pace > 0 ? min(pace, Self.outlier * time) : time
    time = min(time, Self.outlier * pace)
    let features = features(rows: rows, positions: positions) / expected
    passCount = passCount * Self.memory + 1
    pace += max(Self.paceWeight, 1 / passCount) * (time - pace)
    times = times * Self.memory + features * time
    for i in 0..<4 { products[i] = products[i] * Self.memory + features * features[i] }
    fit()
  }

  /// Solves the normal equations; each share is drawn towards where it started.
  private mutating func fit() {
    let start = SIMD4(1, 1, self.start.first, self.start.further)
    let attention = Self.priorWeights.attention
    let passes = SIMD4(0, Self.priorWeights.rise, attention, attention)
    var matrix = products
    for i in 1..<4 {
      let weight = passes[i] * max(products[i][i] / passCount, 1e-6)
      matrix[0][0] += weight * start[i] * start[i]
      matrix[0][i] -= weight * start[i]
      matrix[i][0] -= weight * start[i]
      matrix[i][i] += weight
    }
    guard let solution = matrix.solved(for: times), solution[0] > 0 else { return }
    let learned = (solution / solution[0]).clamped(
      lowerBound: start * Self.bounds.lowerBound, upperBound: start * Self.bounds.upperBound)
    rise = learned[1]
    shares = Shares(first: learned[2], further: learned[3])
  }
}

extension [SIMD4<Double>] {
  /// The solution of a symmetric positive system of equations whose rows these are (Cholesky); nil if it
  /// has none.
  fileprivate func solved(for right: SIMD4<Double>) -> SIMD4<Double>? {
    // What is not there yet is zero, so that sums may run over whole rows.
    var lower = [SIMD4<Double>](repeating: .zero, count: 4)
    var x = SIMD4<Double>.zero
    for i in 0..<4 {
      for j in 0..<i { lower[i][j] = (self[i][j] - (lower[i] * lower[j]).sum()) / lower[j][j] }
      let square = self[i][i] - (lower[i] * lower[i]).sum()
      guard square > 1e-12 * self[i][i] else { return nil }
      x[i] = (right[i] - (lower[i] * x).sum()) / square.squareRoot()
      lower[i][i] = square.squareRoot()
    }
    for i in (0..<4).reversed() {
      x[i] = (i + 1..<4).reduce(x[i]) { $0 - lower[$1][i] * x[$1] } / lower[i][i]
    }
    return x
  }
}
