package import Dials
package import Events

/// An answer that stopped, as the records tell it: what /continue goes on from.
package struct BegunAnswer: Hashable, Sendable {
  /// Its text.
  package private(set) var text = ""
  /// Its tokens, but for those that hold a piece of an incomplete character at the end: they are decided
  /// again, so that the text goes on without a seam.
  package private(set) var ids: [TokenID] = []
  /// The message that it is.
  package private(set) var turn = 0
  /// Why it stopped; nil where it did not.
  package private(set) var reason: EndRecord.Reason?
  /// The model whose tokens they are; nil where no record says it, or two models had a part in it.
  package private(set) var model: SessionRecord.Model?

  /// The bytes that each of the tokens adds to the text.
  private var lengths: [Int] = []
  private var decoder = StreamingDecoder()

  /// An answer that says nothing yet.
  package init() {}

  /// The last answer in `records` that came to something; nil where there is none.
  package init?(in records: [Record]) {
    var answers = BegunAnswers()
    for record in records { answers.add(record) }
    guard let last = answers.last else { return nil }
    self = last
  }

  /// The answer that `record` opens. It goes on with `last` where it says so.
  fileprivate init(_ record: TurnRecord, by model: SessionRecord.Model?, after last: BegunAnswer?) {
    (turn, text, self.model) = (record.turn, record.text, model)
    guard !record.text.isEmpty, let last, last.turn == record.turn else { return }
    (ids, lengths) = (last.ids, last.lengths)
    // Tokens of two models are those of neither.
    self.model = model.flatMap { last.model?.isSame(as: $0) == true ? $0 : nil }
  }

  fileprivate mutating func append(_ token: TokenRecord) {
    ids.append(token.id)
    lengths.append(token.special ? 0 : token.bytes.count)
    if !token.special { text += decoder.append(token.bytes) }
  }

  fileprivate mutating func finish(_ end: EndRecord) {
    var open = decoder.pendingCount
    while open > 0, let length = lengths.popLast() {
      open -= length
      ids.removeLast()
    }
    // A record that opens an answer with no text begins it.
    if lengths.allSatisfy({ $0 == 0 }) { (ids, lengths) = ([], []) }
    text += decoder.flush()
    reason = end.reason
  }

  /// The same with other tokens: those of another vocabulary.
  func spelled(_ ids: [TokenID]) -> BegunAnswer {
    var other = self
    (other.ids, other.lengths) = (ids, ids.map { _ in 1 })
    return other
  }
}

/// The answer that /continue goes on from: a fold over the records of a session.
struct BegunAnswers {
  /// The last answer that came to something; nil where there is none.
  private(set) var last: BegunAnswer?
  private var open: BegunAnswer?
  private var model: SessionRecord.Model?

  /// Takes in a record.
  mutating func add(_ record: Record) {
    switch record {
    case .session(let session): model = session.model
    case .parameter(let change): model = change.session?.model ?? model
    case .turn(let turn) where turn.role == .assistant:
      open = BegunAnswer(turn, by: model, after: last)
    case .token(let token) where token.phase == .gen: open?.append(token)
    case .end(let end):
      open?.finish(end)
      if end.reason != .error, let open { last = open }
      open = nil
    default: break
    }
  }
}
