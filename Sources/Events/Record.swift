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
  /// A record of a type that this version does not know; readers pass over it.
  case unknown(type: String)

  /// The version of the record's format; grows when a field changes its meaning.
  public static let schemaVersion = 1
}

extension Record: Codable {
  private enum Key: String, CodingKey {
    case v
    case type
  }

  /// Reads the record whose `type` is given; an unknown type is not an error.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let version = try container.decode(Int.self, forKey: .v)
    guard version == Record.schemaVersion else {
      throw DecodingError.dataCorruptedError(
        forKey: .v, in: container,
        debugDescription: "record version \(version); this program reads \(Record.schemaVersion)")
    }
    switch try container.decode(String.self, forKey: .type) {
    case "session": self = .session(try SessionRecord(from: decoder))
    case "turn": self = .turn(try TurnRecord(from: decoder))
    case "token": self = .token(try TokenRecord(from: decoder))
    case "draft": self = .draft(try DraftRecord(from: decoder))
    case "probe": self = .probe(try ProbeRecord(from: decoder))
    case "param": self = .parameter(try ParameterRecord(from: decoder))
    case "end": self = .end(try EndRecord(from: decoder))
    case "check": self = .check(try CheckRecord(from: decoder))
    case "compare": self = .comparison(try ComparisonRecord(from: decoder))
    case "measure": self = .measure(try MeasureRecord(from: decoder))
    case let other: self = .unknown(type: other)
    }
  }

  /// Writes the record with its `v` and `type`.
  public func encode(to encoder: any Encoder) throws {
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
    case .unknown(let type): type
    }
  }
}
