/// What the feed-forwards of some blocks are for a token.
package enum FeedForwardOption: UInt8, CaseIterable, Comparable, Sendable {
  /// The model's own.
  case big
  /// The small ones beside them.
  case small
  /// None: attention alone.
  case skip

  /// The character of the depth line.
  package var mark: Character {
    switch self {
    case .big: "#"
    case .small: "s"
    case .skip: "-"
    }
  }

  /// The order of the cases.
  package static func < (a: FeedForwardOption, b: FeedForwardOption) -> Bool {
    a.rawValue < b.rawValue
  }
}

/// Which feed-forwards a token takes, group of blocks by group of blocks, first blocks first. Written
/// as a depth line is: `##s#-`.
package struct FeedForwardPattern: Hashable, Sendable {
  /// One option for each group.
  package var options: [FeedForwardOption]

  /// A pattern of these options.
  package init(_ options: [FeedForwardOption]) { self.options = options }

  /// The same for all of `count` groups.
  package init(all option: FeedForwardOption, count: Int) {
    options = Array(repeating: option, count: count)
  }

  /// Every pattern of `count` groups, each of which takes one of `options`: in lexicographic order.
  package static func every(
    count: Int, options: [FeedForwardOption]
  ) -> [FeedForwardPattern] {
    var patterns: [[FeedForwardOption]] = [[]]
    for _ in 0..<count {
      patterns = patterns.flatMap { pattern in options.map { pattern + [$0] } }
    }
    return patterns.map(Self.init)
  }

  /// Groups that are big: what a budget counts.
  package var bigCount: Int { options.count { $0 == .big } }

  /// The indices of the big groups.
  package var bigIndices: [Int] { options.indices.filter { options[$0] == .big } }

  /// Whether the groups without a feed-forward are the last ones, as an early exit would have it.
  package var skipsAreSuffix: Bool {
    guard let first = options.firstIndex(of: .skip) else { return true }
    return options[first...].allSatisfy { $0 == .skip }
  }
}

extension FeedForwardPattern: Comparable {
  /// The lexicographic order; big comes before small, and small before none.
  package static func < (a: FeedForwardPattern, b: FeedForwardPattern) -> Bool {
    a.options.lexicographicallyPrecedes(b.options)
  }
}

extension FeedForwardPattern: CustomStringConvertible {
  package var description: String { String(options.map(\.mark)) }
}
