public import Dials

/// How many positions a pass verifies: the breadth dial.
///
/// Draft tokens never change a text; they change how fast it comes. Which of them are worth a row is
/// weighed anew for every pass, unless a limit says less: by a fixed table of what passes cost, so that the
/// same request makes the same trees and the same work, or by the clock, where it is asked for.
public struct DraftSetting: Hashable, Sendable {
  /// Who drafts, in the order of the catalogue; nobody when empty.
  public private(set) var sources: [DraftSource]
  /// At most this many draft tokens a pass; as many as pay when nil.
  public var limit: Int?
  /// Whether the clock is asked for, which has a meaning for the drafters of `auto` only.
  private let asksClock: Bool

  /// Nobody drafts: one position a pass.
  public static let off = DraftSetting([])
  /// Early exits draft where there are any; nobody else does.
  public static let exits = DraftSetting([.exit])
  /// Everyone drafts who needs neither training nor a pass of their own.
  /// So does a head that was trained for the model, where there is one and further rows are cheap.
  public static let auto = DraftSetting(automatic)
  /// The same drafters; what pays is measured.
  public static let autoTimed = DraftSetting(automatic, isTimed: true)

  /// The draft tokens that a pass has room for.
  public static let limits = 1...96

  /// Draft tokens of these sources, at most `limit` a pass, weighed by the clock with `isTimed` where
  /// they are those of `auto`.
  public init(_ sources: some Sequence<DraftSource>, limit: Int? = nil, isTimed: Bool = false) {
    self.sources = Catalogue.inOrder(Set(sources))
    self.limit = limit
    asksClock = isTimed
  }

  private static let automatic = Catalogue.drafters.filter(\.isAutomatic).map(\.source)

  /// Whether who drafts, and whether anybody does, is left to the program.
  public var isAuto: Bool { sources == Self.automatic }

  /// Whether the times of passes decide how many draft tokens pay: trees and work then differ from run to
  /// run. Only for the drafters of `auto`.
  public var isTimed: Bool { asksClock && isAuto }

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

extension DraftSetting: Codable {
  private enum CodingKeys: String, CodingKey {
    case sources
    case limit
    case timed
  }

  /// Reads a setting as it stands; one that says nothing of the clock does not ask it.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    sources = try container.decode([DraftSource].self, forKey: .sources)
    limit = try container.decodeIfPresent(Int.self, forKey: .limit)
    asksClock = try container.decodeIfPresent(Bool.self, forKey: .timed) ?? false
  }

  /// Writes a setting; of the clock only where it is asked.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(sources, forKey: .sources)
    try container.encodeIfPresent(limit, forKey: .limit)
    if asksClock { try container.encode(true, forKey: .timed) }
  }
}

extension DraftSetting: CustomStringConvertible {
  /// The notation in one line, for help texts and remedies.
  public static let notation =
    "off, auto, auto 8, 4, auto-timed (by the clock), or a list of "
    + words.joined(separator: ",")

  /// The sources that people can ask for.
  public static let selectable = Catalogue.drafters.filter(\.isSelectable).map(\.source)

  /// Their words.
  public static let words = selectable.map(\.rawValue)

  /// Reads the notation of the flag and the slash command: `off`, `auto`, `auto-timed`, `ngram`,
  /// `ngram,recycle 8`, or a number alone, which limits `current`.
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
    case ["auto"]: setting = DraftSetting(automatic, limit: limit)
    case ["auto-timed"]: setting = DraftSetting(automatic, limit: limit, isTimed: true)
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
      : isTimed ? "auto-timed" : isAuto ? "auto" : sources.map(\.rawValue).joined(separator: ",")
    return names + (limit.map { " \($0)" } ?? "")
  }
}
