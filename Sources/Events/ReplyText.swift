/// The text of an answer as its records tell it: what it goes on from, and the tokens' bytes, joined to
/// characters, without rejected drafts and without the marks that end a turn.
package struct ReplyText: Hashable, Sendable {
  private var decoder = StreamingDecoder()

  /// The text of an answer that has no records yet.
  package init() {}

  /// Takes in the next record and returns the text that it completes; often none.
  package mutating func append(_ record: Record) -> String {
    switch record {
    case .turn(let turn) where turn.role == .assistant: turn.text
    case .token(let token) where token.phase == .gen && !token.special: decoder.append(token.bytes)
    case .end: decoder.flush()
    default: ""
    }
  }
}
