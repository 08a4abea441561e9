import Events

/// The place of a token of the text in its answer.
struct TokenPlace: Hashable {
  var turn: Int
  var answer: Int?
  var i: Int
}

extension TokenPlace {
  /// Where a token stands.
  init(_ token: TokenRecord) { self.init(turn: token.turn, answer: token.answer, i: token.i) }
}
