import Reports

/// The blocks of a model in groups of equal length, each of which has one kind of feed-forward.
package struct BlockGroups: Hashable, Sendable {
  /// Blocks of the model.
  package let blockCount: Int
  /// How many groups there are.
  package let count: Int

  /// The most patterns of all groups that are tried on a token: 3⁷.
  package static let patternLimit = 2187

  /// `count` groups. Throws where they would not be equally long.
  package init(_ count: Int, of blockCount: Int) throws(EvaluationError) {
    guard count > 0, count <= blockCount, blockCount % count == 0 else {
      let fitting = (1...max(1, blockCount)).filter { blockCount % $0 == 0 }
      throw EvaluationError(
        code: .badArgument,
        message: "\(blockCount) blocks do not come in \(count) groups of equal length. Use "
          + fitting.map(String.init).joined(separator: ", ") + ".")
    }
    self.count = count
    self.blockCount = blockCount
  }

  /// The most groups of which every pattern of `optionCount` options can be tried.
  package static func usualCount(of blockCount: Int, optionCount: Int) -> Int {
    (1...max(1, blockCount)).last {
      blockCount % $0 == 0 && patternCount(groups: $0, optionCount: optionCount) != nil
    } ?? 1
  }

  /// Throws where there are more patterns of all groups than are tried.
  package func checkPatterns(optionCount: Int) throws(EvaluationError) {
    guard Self.patternCount(groups: count, optionCount: optionCount) == nil else { return }
    let most = Self.usualCount(of: blockCount, optionCount: optionCount)
    throw EvaluationError(
      code: .badArgument,
      message: "\(count) groups with \(optionCount) options each have more than "
        + "\(Self.patternLimit.grouped) patterns. Use at most \(most) groups, or --search beam.")
  }

  /// How many patterns there are; nil where there are more than are tried.
  private static func patternCount(groups: Int, optionCount: Int) -> Int? {
    var count = 1
    for _ in 0..<groups {
      count *= optionCount
      if count > patternLimit { return nil }
    }
    return count
  }

  /// The blocks of a group.
  package subscript(group: Int) -> Range<Int> {
    let length = blockCount / count
    return group * length..<(group + 1) * length
  }
}
