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

  /// What was measured of one source: cells by grade, and in each first all depths together.
  package struct Rates: Hashable, Sendable {
    private var cells = [Cell](repeating: Cell(), count: gradeCount * (depthCount + 1))

    /// The chance that a guess comes true if its place is reached; `start` before anything is measured.
    ///
    /// `depth` counts guesses before it.
    package func chance(grade: Int, depth: Int, start: Double) -> Double {
      let pool = cells[Self.index(grade, nil)]
      let pooled = (pool.hits + start * priorWeight) / (pool.trials + priorWeight)
      let cell = cells[Self.index(grade, depth)]
      return (cell.hits + pooled * pooledWeight) / (cell.trials + pooledWeight)
    }

    fileprivate mutating func add(grade: Int, depth: Int, isHit: Bool) {
      cells[Self.index(grade, nil)].add(isHit)
      cells[Self.index(grade, depth)].add(isHit)
    }

    private static func index(_ grade: Int, _ depth: Int?) -> Int {
      min(max(0, grade), gradeCount - 1) * (depthCount + 1)
        + (depth.map { min($0, depthCount - 1) + 1 } ?? 0)
    }
  }

  private var sources: [DraftSource: Rates] = [:]

  /// Nothing measured yet.
  package init() {}

  /// How often guesses of a source come true.
  package func rates(of source: DraftSource) -> Rates { sources[source] ?? Rates() }

  /// Notes whether a guess came true.
  package mutating func add(source: DraftSource, grade: Int, depth: Int, isHit: Bool) {
    sources[source, default: Rates()].add(grade: grade, depth: depth, isHit: isHit)
  }
}
