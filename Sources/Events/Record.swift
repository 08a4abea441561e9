import Dials

/// One record of the event stream: what the panel, a saved session, replay and analysis all read.
///
/// A stream is: one `session`, then per answer a `turn`, its `token`s (with `draft`s between them),
/// an `end`, a `check` where the text may differ from the whole model's, and `probe`s that arrive when
/// the engine had time to look closer. Failure is a record too: an `end` whose reason is `error`.
public enum Record: Hashable, Sendable {
  /// What runs: always the first record.
  case session(SessionRecord)
  /// A message of the conversation.
  case turn(TurnRecord)
  /// A token that was committed or a draft that was rejected.
  case token(TokenRecord)
  /// One round of drafting and verification.
  case draft(DraftRecord)
  /// A closer look at one token, block by block.
  case probe(ProbeRecord)
  /// A setting that changed.
  case parameter(ParameterRecord)
  /// The end of an answer.
  case end(EndRecord)
  /// What the whole model says to an answer.
  case check(CheckRecord)
  /// How an answer differs from the one before.
  case comparison(ComparisonRecord)
  /// What dials do to a text that no search has seen.
  case measure(MeasureRecord)
  /// A place that a person marked.
  case mark(MarkRecord)
  /// A record that this version does not know; readers pass over it.
  case unknown(UnknownRecord)

  /// The version of the record's format; grows when a field changes its meaning.
  public static let schemaVersion = 1
}

extension Record: Codable {
  private enum Key: String, CodingKey {
    case v
    case type
  }

  /// Reads the record whose `type` is given. An unknown type is not an error, and neither is an unknown
  /// word without which nobody can say what the record is. A number that no session can have is one.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let version = try container.decode(Int.self, forKey: .v)
    guard version == Record.schemaVersion else {
      throw ImpossibleValue(
        "record version \(version); this program reads \(Record.schemaVersion)")
    }
    do {
      self = try Self.known(try container.decode(String.self, forKey: .type), from: decoder)
      try checkNumbers(NumberCheck(decoder))
    } catch is UnknownWord {
      self = .unknown(try UnknownRecord(from: decoder))
    }
  }

  private static func known(_ type: String, from decoder: any Decoder) throws -> Record {
    switch type {
    case "session": .session(try SessionRecord(from: decoder))
    case "turn": .turn(try TurnRecord(from: decoder))
    case "token": .token(try TokenRecord(from: decoder))
    case "draft": .draft(try DraftRecord(from: decoder))
    case "probe": .probe(try ProbeRecord(from: decoder))
    case "param": .parameter(try ParameterRecord(from: decoder))
    case "end": .end(try EndRecord(from: decoder))
    case "check": .check(try CheckRecord(from: decoder))
    case "compare": .comparison(try ComparisonRecord(from: decoder))
    case "measure": .measure(try MeasureRecord(from: decoder))
    case "mark": .mark(try MarkRecord(from: decoder))
    default: throw UnknownWord(type)
    }
  }

  /// Writes the record with its `v` and `type`.
  public func encode(to encoder: any Encoder) throws {
    if case .unknown(let record) = self { return try record.encode(to: encoder) }
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(Record.schemaVersion, forKey: .v)
    try container.encode(type, forKey: .type)
    switch self {
    case .session(let record): try record.encode(to: encoder)
    case .turn(let record): try record.encode(to: encoder)
    case .token(let record): try record.encode(to: encoder)
    case .draft(let record): try record.encode(to: encoder)
    case .probe(let record): try record.encode(to: encoder)
    case .parameter(let record): try record.encode(to: encoder)
    case .end(let record): try record.encode(to: encoder)
    case .check(let record): try record.encode(to: encoder)
    case .comparison(let record): try record.encode(to: encoder)
    case .measure(let record): try record.encode(to: encoder)
    case .mark(let record): try record.encode(to: encoder)
    case .unknown: break
    }
  }

  /// The `type` field.
  public var type: String {
    switch self {
    case .session: "session"
    case .turn: "turn"
    case .token: "token"
    case .draft: "draft"
    case .probe: "probe"
    case .parameter: "param"
    case .end: "end"
    case .check: "check"
    case .comparison: "compare"
    case .measure: "measure"
    case .mark: "mark"
    case .unknown(let record): record.type
    }
  }
}
