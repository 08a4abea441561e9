public import Dials

/// When a token may leave early: one of the catalogue's exits with its numbers, or never.
public struct ExitSetting: Hashable, Sendable {
  /// The technique; nil: every token runs every block.
  package let technique: (any ExitTechnique)?
  /// What a record says in words that this version does not know; no token can be decided by it.
  package let unknown: UnknownDial?

  /// Never: every token runs every block.
  public static let off = ExitSetting(nil, unknown: nil)

  /// As `technique` says.
  package init(_ technique: any ExitTechnique) { self.init(technique, unknown: nil) }

  private init(_ technique: (any ExitTechnique)?, unknown: UnknownDial?) {
    self.technique = technique
    self.unknown = unknown
  }

  /// The depths at which a token may leave, ascending.
  public var depths: [Int] { technique?.depths ?? [] }

  /// The depths at which a gate is asked, ascending.
  public var gatedDepths: [Int] { technique?.gatedDepths ?? [] }

  /// A few words for the title: `exit off`, `exit at 12`, `exit top1>.80 at 10,20`; `number` writes a
  /// threshold.
  package func label(number: (Float) -> String) -> String {
    unknown?.label ?? "exit " + (technique?.label(number: number) ?? "off")
  }

  /// Equal techniques with equal numbers.
  public static func == (a: ExitSetting, b: ExitSetting) -> Bool {
    a.technique.map { AnyHashable($0) } == b.technique.map { AnyHashable($0) }
      && a.unknown == b.unknown
  }

  /// The technique and its numbers.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(technique.map { AnyHashable($0) })
    hasher.combine(unknown)
  }
}

extension ExitSetting: CustomStringConvertible {
  /// The notation in one line, for help texts and remedies.
  public static let notation: String = {
    let examples = ["off"] + Catalogue.exits.flatMap { $0.examples }
    return examples.dropLast().joined(separator: ", ") + " or " + (examples.last ?? "")
  }()

  /// The notation with placeholders, for the help of commands.
  package static var usage: String {
    (["off"] + Catalogue.exits.map { $0.usage }).joined(separator: " | ")
  }

  /// What a setting may begin with.
  package static var words: [String] { ["off"] + Catalogue.exits.flatMap { $0.words } }

  /// The notation; `parse` reads it back as the same setting.
  public var description: String { unknown?.word ?? technique?.notation ?? "off" }

  /// Reads the notation of flags and slash commands, for a model of `blockCount` blocks.
  ///
  /// What comes back is valid for the model. The usual points, where the notation names none, are
  /// `exits`, where an adapter was trained to speak, if there are any.
  public static func parse(
    _ text: String, blockCount: Int, exits: [Int] = []
  ) throws(DialError) -> ExitSetting {
    let usual = exits.isEmpty ? usualDepths(blockCount: blockCount) : exits
    let words = text.lowercased().split(whereSeparator: \.isWhitespace).map(String.init)
    if words == ["off"] { return .off }
    let type = Catalogue.exits.first { words.first.map($0.words.contains) ?? false }
    guard let technique = type?.init(words: words, usual: usual) else {
      throw DialError(
        .notation, typed: text, problem: "this is not an exit setting", remedy: "Write \(notation)")
    }
    try technique.validate(blockCount: blockCount, typed: text)
    return ExitSetting(technique)
  }

  /// Where tokens may leave when nobody says: after 1/2, 2/3 and 5/6 of the blocks.
  public static func usualDepths(blockCount: Int) -> [Int] {
    Set([blockCount / 2, blockCount * 2 / 3, blockCount * 5 / 6])
      .filter { $0 >= 1 && $0 < blockCount }
      .sorted()
  }
}

extension ExitSetting: Codable {
  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  private struct Nothing: Codable {}

  /// Reads `{"off":{}}`, or a technique's numbers under its key. A technique or a word of a newer version
  /// is kept as it is.
  public init(from decoder: any Decoder) throws {
    do {
      self = try Self.known(from: decoder)
    } catch let word as UnknownWord {
      self.init(nil, unknown: UnknownDial("exit", word.word, content: try JSONValue(from: decoder)))
    }
  }

  private static func known(from decoder: any Decoder) throws -> ExitSetting {
    let container = try decoder.container(keyedBy: Key.self)
    for type in Catalogue.exits where container.contains(Key(stringValue: type.key)) {
      let nested = try container.superDecoder(forKey: Key(stringValue: type.key))
      return ExitSetting(try type.init(from: nested))
    }
    if container.contains(Key(stringValue: "off")) { return .off }
    // As the record has it: the keys of a container may be spelt in another way.
    if case .object(let members) = try JSONValue(from: decoder), let word = members.keys.min() {
      throw UnknownWord(word)
    }
    throw ImpossibleValue("an exit setting says nothing")
  }

  /// Writes the same.
  public func encode(to encoder: any Encoder) throws {
    if let unknown { return try unknown.content.encode(to: encoder) }
    var container = encoder.container(keyedBy: Key.self)
    guard let technique else {
      return try container.encode(Nothing(), forKey: Key(stringValue: "off"))
    }
    try technique.encode(
      to: container.superEncoder(forKey: Key(stringValue: type(of: technique).key)))
  }
}

extension DialError {
  /// Checks a depth at which tokens are to leave a model of `blockCount` blocks.
  static func checkExit(depth: Int, blockCount: Int, typed: String) throws(DialError) {
    if (1..<max(1, blockCount)).contains(depth) { return }
    if depth == blockCount {
      throw DialError(
        .outsideModel, typed: typed, problem: "after \(depth) blocks every block has run",
        remedy: "Write off for full depth")
    }
    throw DialError(
      .outsideModel, typed: typed,
      problem: "no token can leave a model of \(blockCount) blocks after \(depth)",
      remedy: blockCount > 1 ? "Write a depth from 1 to \(blockCount - 1)" : "Write off")
  }
}
