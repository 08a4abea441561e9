package import Dials

/// How often guesses come true: measured for each source, grade and depth, older measurements fading.
///
/// A guess counts whenever the place that it was for was reached and no likelier guess was right, also
/// when it was not worth a row.
package struct AcceptanceTable: Hashable, Sendable {
  /// Depths that are told apart: the first place, the second, and all further ones.
  private static let depthCount = 3
  private static let gradeCount = 16
  /// How many guesses the start values weigh.
  private static let priorWeight = 6.0
  /// How many guesses of all depths weigh in at one depth.
  private static let pooledWeight = 12.0
  /// What older guesses are worth when a new one comes.
  private static let memory = 0.995

  private struct Cell: Hashable {
    var hits = 0.0
    var trials = 0.0

    mutating func add(_ isHit: Bool) {
      hits = hits * AcceptanceTable.memory + (isHit ? 1 : 0)
      trials = trials * AcceptanceTable.memory + 1
    }
  }

  private var cells: [Cell]

  /// Nothing measured yet.
  package init() {
    cells = Array(
      repeating: Cell(),
      count: DraftSource.allCases.count * Self.gradeCount * (Self.depthCount + 1))
  }

  /// The chance that a guess comes true if its place is reached; `start` before anything is measured.
  ///
  /// `depth` counts guesses before it.
  package func chance(
    of source: DraftSource, grade: Int, depth: Int, start: Double
  ) -> Double {
    let pool = cells[Self.index(source, grade, nil)]
    let pooled = (pool.hits + start * Self.priorWeight) / (pool.trials + Self.priorWeight)
    let cell = cells[Self.index(source, grade, depth)]
    return (cell.hits + pooled * Self.pooledWeight) / (cell.trials + Self.pooledWeight)
  }

  /// Notes whether a guess came true.
  package mutating func add(source: DraftSource, grade: Int, depth: Int, isHit: Bool) {
    cells[Self.index(source, grade, nil)].add(isHit)
    cells[Self.index(source, grade, depth)].add(isHit)
  }

  private static func index(_ source: DraftSource, _ grade: Int, _ depth: Int?) -> Int {
    let place = DraftSource.allCases.firstIndex(of: source) ?? 0
    let row = place * gradeCount + min(max(0, grade), gradeCount - 1)
    return row * (depthCount + 1) + (depth.map { min($0, depthCount - 1) + 1 } ?? 0)
  }
}
