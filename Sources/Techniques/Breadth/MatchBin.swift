/// Grades for followers of a match: by its length, and by how much of what followed it agrees.
enum MatchBin {
  /// The shortest matches of each grade of length.
  private static let lengths = [1, 2, 3, 4, 6, 10, 20]

  /// Bins of matches in the text at hand; behind them come those of matches in all texts.
  static let count = 34

  /// The bin of what followed a match of `length` tokens most often, `count` times of `total`.
  static func best(length: Int, count: Int, total: Int) -> Int {
    let agreement = total == 1 ? 0 : count == total ? 1 : 2 * count > total ? 2 : 3
    return max(0, lengths.count { length >= $0 } - 1) * 4 + agreement
  }

  /// The bin of another follower; of a shorter match the one that followed it most often is likely.
  static func other(length: Int, isLikely: Bool) -> Int {
    28 + 2 * (min(max(1, length), 3) - 1) + (isLikely ? 0 : 1)
  }

  /// What a draft token of each bin is worth before anything is measured, as it was on answers of the
  /// default model. For each length: what followed once, always, mostly, half the times or less; then the
  /// others by length, likely ones first.
  static let chances = near + far

  private static let near = [
    [0.27, 0.63, 0.43, 0.18], [0.55, 0.77, 0.49, 0.30], [0.66, 0.80, 0.50, 0.31],
    [0.70, 0.82, 0.50, 0.33], [0.79, 0.87, 0.54, 0.33], [0.87, 0.93, 0.58, 0.33],
    [0.97, 0.96, 0.60, 0.30], [0.18, 0.16, 0.29, 0.24, 0.30, 0.25],
  ].flatMap(\.self)

  private static let far = [
    [0.30, 0.39, 0.31, 0.16], [0.28, 0.60, 0.47, 0.13], [0.34, 0.74, 0.40, 0.20],
    [0.39, 0.80, 0.51, 0.20], [0.51, 0.89, 0.55, 0.27], [0.70, 0.96, 0.58, 0.27],
    [0.80, 0.96, 0.60, 0.25], [0.10, 0.06, 0.13, 0.08, 0.20, 0.12],
  ].flatMap(\.self)
}
