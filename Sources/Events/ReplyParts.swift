package import Dials

/// The text of an answer as its records tell it, in what the model thinks and what it says.
package struct ReplyParts: Hashable, Sendable {
  /// What a record completed.
  package struct Piece: Hashable, Sendable {
    /// The text as it is, marks of reasoning included.
    package var text = ""
    /// The same in its parts, without the marks; what may still become a mark comes later.
    package var parts: [ReasoningSplitter.Part] = []
    /// Whether the model begins to think with it.
    package var beginsThought = false

    /// What is said in it.
    package var said: String {
      parts.map { if case .answer(let text) = $0 { text } else { "" } }.joined()
    }
  }

  private var text = ReplyText()
  private var splitter = ReasoningSplitter()
  private var hasThought = false

  /// An answer that has no records yet.
  package init() {}

  /// Whether the model thinks at this place of its answer.
  package var isThinking: Bool { splitter.isReasoning }

  /// Takes in the next record and returns the text that it completes; often none.
  package mutating func append(_ record: Record) -> Piece {
    if case .turn(let turn) = record, turn.role == .assistant {
      self = ReplyParts()
      splitter = ReasoningSplitter(isOpen: turn.opensThought == true)
    }
    let hadThought = hasThought
    var piece = Piece(text: text.append(record))
    if !piece.text.isEmpty { piece.parts = splitter.take(piece.text) }
    if case .end = record { piece.parts += splitter.finish() }
    piece.beginsThought = splitter.hasReasoned && !hadThought
    hasThought = splitter.hasReasoned
    return piece
  }
}
