package import Dials

/// How often draft tokens come true: measured for each source, bin and depth, older measurements fading.
///
/// A draft token counts whenever the place that it was for was reached and no likelier draft token was
/// right, also when it was not worth a row.
package struct AcceptanceTable: Hashable, Sendable {
  /// Depths that are told apart: the first place, the second, and all further ones.
  private static let depthCount = 3
  private static let binCount = 68
  /// How many draft tokens the start values weigh.
  private static let priorWeight = 6.0
  /// How many draft tokens of all depths weigh in at one depth.
  private static let pooledWeight = 12.0
  /// What older draft tokens are worth when a new one comes.
  private static let memory = 0.995

  private struct Cell: Hashable {
    var hits = 0.0
    var trials = 0.0

    mutating func add(_ isHit: Bool) {
      hits = hits * AcceptanceTable.memory + (isHit ? 1 : 0)
      trials = trials * AcceptanceTable.memory + 1
    }
  }

  /// What was measured of one source: cells by bin, and in each first all depths together.
  package struct Rates: Hashable, Sendable {
    private var cells = [Cell](repeating: Cell(), count: binCount * (depthCount + 1))

    /// The chance that a draft token comes true if its place is reached; `start` before anything is
    /// measured.
    ///
    /// `depth` counts draft tokens before it.
    package func chance(bin: Int, depth: Int, start: Double) -> Double {
      let pool = cells[Self.index(bin, nil)]
      let pooled = (pool.hits + start * priorWeight) / (pool.trials + priorWeight)
      let cell = cells[Self.index(bin, depth)]
      return (cell.hits + pooled * pooledWeight) / (cell.trials + pooledWeight)
    }

    fileprivate mutating func add(bin: Int, depth: Int, isHit: Bool) {
      cells[Self.index(bin, nil)].add(isHit)
      cells[Self.index(bin, depth)].add(isHit)
    }

    private static func index(_ bin: Int, _ depth: Int?) -> Int {
      min(max(0, bin), binCount - 1) * (depthCount + 1)
        + (depth.map { min($0, depthCount - 1) + 1 } ?? 0)
    }
  }

  private var sources: [DraftSource: Rates] = [:]

  /// Nothing measured yet.
  package init() {}

  /// How often draft tokens of a source come true.
  package func rates(of source: DraftSource) -> Rates { sources[source] ?? Rates() }

  /// Notes whether a draft token came true.
  package mutating func add(source: DraftSource, bin: Int, depth: Int, isHit: Bool) {
    sources[source, default: Rates()].add(bin: bin, depth: depth, isHit: isHit)
  }
}
