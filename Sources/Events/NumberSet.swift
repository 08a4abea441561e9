/// A few numbers from 0 on, such as those of messages, written as `1-3,7`; `none` where there are none.
public struct NumberSet: Hashable, Sendable, CustomStringConvertible {
  /// Stretches of neighbours, in order, with gaps between them.
  private var stretches: [ClosedRange<Int>] = []

  /// The highest number that there may be: texts come from files.
  public static let highest = 1 << 30
  /// The most numbers that are listed one by one.
  private static let listed = 1 << 20

  /// These numbers; those below 0 are left out.
  public init(_ numbers: some Sequence<Int>) {
    for number in Set(numbers).sorted() where (0...Self.highest).contains(number) {
      if let last = stretches.last, last.upperBound == number - 1 {
        stretches[stretches.count - 1] = last.lowerBound...number
      } else {
        stretches.append(number...number)
      }
    }
  }

  /// The numbers that `text` names; nil where it is no such list in order.
  public init?(parsing text: String) {
    if text == "none" { return }
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1],
        first >= 0, first <= last, last <= Self.highest,
        stretches.last.map({ $0.upperBound < first }) ?? true
      else { return nil }
      stretches.append(first...last)
    }
  }

  /// Whether there are none.
  public var isEmpty: Bool { stretches.isEmpty }

  /// Whether `number` is one of them.
  public func contains(_ number: Int) -> Bool { stretches.contains { $0.contains(number) } }

  /// All of them, in order, if there are not absurdly many.
  public var members: [Int] {
    Array(stretches.lazy.flatMap { $0 }.prefix(Self.listed))
  }

  /// The numbers as `init(parsing:)` reads them.
  public var description: String {
    isEmpty
      ? "none"
      : stretches.map {
        $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)"
      }.joined(separator: ",")
  }

  /// The same for a sentence: `3 to 7 and 9`.
  public var words: String {
    let parts = stretches.map {
      $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound) to \($0.upperBound)"
    }
    guard let last = parts.last, parts.count > 1 else { return parts.first ?? "none" }
    return parts.dropLast().joined(separator: ", ") + " and " + last
  }
}
