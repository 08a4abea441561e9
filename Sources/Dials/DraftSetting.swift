/// How many positions a pass verifies: the breadth dial.
///
/// Guesses never change a text; they change how fast it comes. Which of them are worth a row is
/// weighed anew for every pass, unless a limit says less.
public struct DraftSetting: Hashable, Codable, Sendable {
  /// Who guesses, in the order of `DraftSource`; nobody when empty.
  public private(set) var sources: [DraftSource]
  /// At most this many guesses a pass; as many as pay when nil.
  public var limit: Int?

  /// Nobody guesses: one position a pass.
  public static let off = DraftSetting([])
  /// Early exits guess where there are any; nobody else does.
  public static let exits = DraftSetting([.exit])
  /// Everyone guesses who needs neither training nor a pass of their own.
  public static let auto = DraftSetting([
    .exit, .ngram, .recycling, .trigram, .lookahead, .jacobi,
  ])

  /// The guesses that a pass has room for.
  public static let limits = 1...96

  /// Guesses of these sources, at most `limit` a pass.
  public init(_ sources: some Sequence<DraftSource>, limit: Int? = nil) {
    self.sources = Set(sources).sorted()
    self.limit = limit
  }

  /// Whether who guesses, and whether anybody does, is left to the program.
  public var isAuto: Bool { sources == Self.auto.sources }

  /// Whether somebody guesses who runs no pass of their own.
  public var hasBranches: Bool { sources.contains { $0 != .exit && $0 != .skip } }

  /// Checks the limit.
  public func validate() throws(DialError) {
    guard let limit, !Self.limits.contains(limit) else { return }
    throw DialError(
      .range, typed: "\(limit)",
      problem: limit > Self.limits.upperBound
        ? "a tree of \(limit) guesses is wider than a pass, which has room for "
          + "\(Self.limits.upperBound)"
        : "a pass cannot verify \(limit) guesses",
      remedy: "Write a number from \(Self.limits.lowerBound) to \(Self.limits.upperBound), or off")
  }
}

extension DraftSetting: CustomStringConvertible {
  /// The notation in one line, for help texts and remedies.
  public static let notation =
    "off, auto, auto 8, 4, or a list of "
    + DraftSource.selectable.map(\.rawValue).joined(separator: ",")

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
    case [] where limit != nil: break
    case ["off"] where limit == nil: setting = .off
    case ["auto"]: setting = DraftSetting(auto.sources, limit: limit)
    default:
      let sources = words.compactMap { word in selectableNamed(word) }
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

  private static func selectableNamed(_ word: String) -> DraftSource? {
    DraftSource.selectable.first { $0.rawValue == word }
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
