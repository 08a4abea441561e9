public import Dials

/// How many positions a pass verifies: the breadth dial.
///
/// Draft tokens never change a text; they change how fast it comes. Which of them are worth a row is
/// weighed anew for every pass, unless a limit says less.
public struct DraftSetting: Hashable, Codable, Sendable {
  /// Who drafts, in the order of the catalogue; nobody when empty.
  public private(set) var sources: [DraftSource]
  /// At most this many draft tokens a pass; as many as pay when nil.
  public var limit: Int?

  /// Nobody drafts: one position a pass.
  public static let off = DraftSetting([])
  /// Early exits draft where there are any; nobody else does.
  public static let exits = DraftSetting([.exit])
  /// Everyone drafts who needs neither training nor a pass of their own.
  public static let auto = DraftSetting(
    Catalogue.drafters.filter(\.isAutomatic).map(\.source))

  /// The draft tokens that a pass has room for.
  public static let limits = 1...96

  /// Draft tokens of these sources, at most `limit` a pass.
  public init(_ sources: some Sequence<DraftSource>, limit: Int? = nil) {
    self.sources = Catalogue.inOrder(Set(sources))
    self.limit = limit
  }

  /// Whether who drafts, and whether anybody does, is left to the program.
  public var isAuto: Bool { sources == Self.auto.sources }

  /// Whether somebody drafts who runs no pass of their own.
  public var hasBranches: Bool {
    Catalogue.drafters.contains { !$0.runsModel && sources.contains($0.source) }
  }

  /// Checks the limit.
  public func validate() throws(DialError) {
    guard let limit, !Self.limits.contains(limit) else { return }
    throw DialError(
      .range, typed: "\(limit)",
      problem: limit > Self.limits.upperBound
        ? "a tree of \(limit) draft tokens is wider than a pass, which has room for "
          + "\(Self.limits.upperBound)"
        : "a pass cannot verify \(limit) draft tokens",
      remedy: "Write a number from \(Self.limits.lowerBound) to \(Self.limits.upperBound), or off")
  }
}

extension DraftSetting: CustomStringConvertible {
  /// The notation in one line, for help texts and remedies.
  public static let notation =
    "off, auto, auto 8, 4, or a list of "
    + words.joined(separator: ",")

  /// The sources that people can ask for.
  public static let selectable = Catalogue.drafters.filter(\.isSelectable).map(\.source)

  /// Their words.
  public static let words = selectable.map(\.rawValue)

  /// Reads the notation of the flag and the slash command: `off`, `auto`, `ngram`, `ngram,recycle 8`,
  /// or a number alone, which limits `current`.
  public static func parse(
    _ text: String, current: DraftSetting = .auto
  ) throws(DialError) -> DraftSetting {
    var words = text.lowercased().split { $0.isWhitespace || $0 == "," }.map(String.init)
    var setting = current
    setting.limit = nil
    if let number = words.last.flatMap({ Int($0) }) {
      setting.limit = number
      words.removeLast()
    }
    let limit = setting.limit
    switch words {
    case [] where limit != nil:
      guard !setting.sources.isEmpty else {
        throw DialError(
          .notation, typed: text, problem: "nobody drafts, so there is nothing to limit",
          remedy: "Write auto \(text), or who is to draft")
      }
    case ["off"] where limit == nil: setting = .off
    case ["auto"]: setting = DraftSetting(auto.sources, limit: limit)
    default:
      let sources = words.filter(Self.words.contains).map { DraftSource($0) }
      guard !words.isEmpty, sources.count == words.count else {
        throw DialError(
          .notation, typed: text, problem: "this is not a draft setting",
          remedy: "Write \(notation)")
      }
      setting = DraftSetting(sources, limit: limit)
    }
    try setting.validate()
    return setting
  }

  /// The notation; `parse` reads it back as the same setting.
  public var description: String {
    let names =
      sources.isEmpty
      ? "off"
      : isAuto ? "auto" : sources.map(\.rawValue).joined(separator: ",")
    return names + (limit.map { " \($0)" } ?? "")
  }
}
