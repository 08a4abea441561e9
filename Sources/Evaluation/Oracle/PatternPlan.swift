/// How some patterns run as rows of one pass that share what they have in common: the tree of their
/// beginnings, level by level.
///
/// At a level each row stands for one beginning. Where patterns with this beginning differ in the next
/// group, the row is forked, once for each option but the first. So a level runs every beginning once, and
/// in the end every pattern has its row: 2 + 4 + … + 1,024 rows for all patterns of ten groups with two
/// options, instead of 10 × 1,024.
package struct PatternPlan: Sendable {
  /// What happens before and in a group.
  struct Level: Sendable {
    /// The rows that are forked, in order: the new rows come behind all others.
    var forks: [Int] = []
    /// What each row takes, the new ones included.
    var options: [FeedForwardOption] = []
  }

  /// The patterns, distinct and in lexicographic order.
  package let patterns: [FeedForwardPattern]
  /// The groups, first blocks first.
  let levels: [Level]
  /// The row of each pattern, counted from the first of the plan.
  let rows: [Int]

  /// Rows in the end.
  package var rowCount: Int { patterns.count }

  /// The plan of some patterns of the same length.
  package init(_ patterns: some Sequence<FeedForwardPattern>) {
    let sorted = Set(patterns).sorted()
    self.patterns = sorted
    var levels: [Level] = []
    // The patterns of a row are neighbours.
    var parts = sorted.isEmpty ? [] : [0..<sorted.count]
    for group in 0..<(sorted.first?.options.count ?? 0) {
      var level = Level()
      var forked: [Range<Int>] = []
      for row in parts.indices {
        let pieces = Self.pieces(of: parts[row], at: group, in: sorted)
        level.forks += pieces.dropFirst().map { _ in row }
        parts[row] = pieces[0]
        forked += pieces.dropFirst()
      }
      parts += forked
      level.options = parts.map { sorted[$0.lowerBound].options[group] }
      levels.append(level)
    }
    self.levels = levels
    var rows = Array(repeating: 0, count: sorted.count)
    for (row, part) in parts.enumerated() { rows[part.lowerBound] = row }
    self.rows = rows
  }

  /// Cuts a run of patterns where the option of a group changes.
  private static func pieces(
    of part: Range<Int>, at group: Int, in patterns: [FeedForwardPattern]
  ) -> [Range<Int>] {
    var pieces: [Range<Int>] = []
    var first = part.lowerBound
    for index in part.dropFirst()
    where patterns[index].options[group] != patterns[first].options[group] {
      pieces.append(first..<index)
      first = index
    }
    return pieces + [first..<part.upperBound]
  }
}
