public import Dials

/// The share of feed-forwards that run big: one offset for the routers of all blocks.
public struct BudgetSetting: Hashable, Sendable {
  /// The share that was asked for, 0...1; at 1 no router is asked.
  public var share: Double
  /// The score above which a feed-forward runs big; nil until a model's modules said which it is.
  public var offset: Float?

  /// Every feed-forward is the big one.
  public static let whole = BudgetSetting(share: 1)

  /// About this share of big feed-forwards.
  public init(share: Double, offset: Float? = nil) {
    self.share = share
    self.offset = offset
  }

  /// Whether any feed-forward may be small.
  public var isOn: Bool { share < 1 }

  /// What the pass asks; nil where every feed-forward is big.
  package var rule: FeedForwardRule? {
    guard isOn, let offset else { return nil }
    return FeedForwardRule(offset: offset)
  }

  /// Checks the share.
  package func validate() throws(DialError) {
    guard (0...1).contains(share) else { throw Self.outOfRange("\(self)") }
  }

  private static func outOfRange(_ typed: String) -> DialError {
    DialError(
      .range, typed: typed, problem: "a budget is a share of the feed-forwards",
      remedy: "Write a share from 0% to 100%; at 100% every feed-forward is big")
  }
}

extension BudgetSetting: CustomStringConvertible {
  /// The notation, for help texts and remedies.
  public static let notation = "off, or a share such as 80%"

  /// The notation; `parse` reads it back.
  public var description: String {
    guard isOn else { return "off" }
    let percent = (share * 1000).rounded() / 10
    let whole = Int(exactly: percent)
    return (whole.map { "\($0)" } ?? "\(percent)") + "%"
  }

  /// Reads `off`, `80%`, `80` or `0.8`, to a tenth of a percent.
  public static func parse(_ text: String) throws(DialError) -> BudgetSetting {
    let word = text.lowercased().filter { !$0.isWhitespace }
    if word == "off" { return .whole }
    let isPercent = word.hasSuffix("%")
    guard let number = Double(isPercent ? String(word.dropLast()) : word), number.isFinite else {
      throw DialError(
        .notation, typed: text, problem: "this is not a budget", remedy: "Write \(notation)")
    }
    let share = isPercent || number > 1 ? number / 100 : number
    guard (0...1).contains(share) else { throw outOfRange(text) }
    return BudgetSetting(share: (share * 1000).rounded() / 1000)
  }
}

extension BudgetSetting: Codable {}
