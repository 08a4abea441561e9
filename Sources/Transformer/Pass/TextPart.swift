package import Dials

/// A part of a text that is in flight, as many tokens as one pass takes.
package struct TextPart {
  /// The tokens in flight, with their indices in the text: row i is the i-th of them.
  package let tokens: ArraySlice<TokenID>
  /// The token behind each of them; of the text's last token there is none.
  package let followers: ArraySlice<TokenID>

  /// The first of `limit` tokens of a text.
  fileprivate init(of text: ArraySlice<TokenID>, limit: Int) {
    tokens = text.prefix(limit)
    followers = text.dropFirst().prefix(limit)
  }

  /// The rows in flight.
  package var rows: Range<Int> { 0..<tokens.count }
  /// Whether the text ends with it.
  package var isLast: Bool { followers.count < tokens.count }
}

/// The one way in which a text is read.
extension ForwardPass {
  /// Puts as many of `tokens` in flight as one pass takes, behind what is committed. Those from number
  /// `retrievesFrom` on decide a token.
  package func appendPart(
    of tokens: ArraySlice<TokenID>, retrievesFrom: Int = .max
  ) -> TextPart {
    let part = TextPart(of: tokens, limit: flightLimit)
    appendChain(part.tokens, retrievesFrom: retrievesFrom)
    return part
  }

  /// Takes `tokens` into the text part by part: each part is put in flight, `visit` runs it, and it is
  /// committed. The rows must have keys and values in every block that `route` runs by then.
  package func readParts<Failure>(
    of tokens: ArraySlice<TokenID>, route: Route = .plain, retrievesFrom: Int = .max,
    visit: (TextPart) throws(Failure) -> Void
  ) throws(Failure) {
    var rest = tokens
    while !rest.isEmpty {
      let start = rest.startIndex - tokens.startIndex
      let part = appendPart(
        of: rest, retrievesFrom: retrievesFrom == .max ? .max : max(0, retrievesFrom - start))
      try visit(part)
      commit(path: Array(part.rows), route: route)
      rest = rest.dropFirst(part.tokens.count)
    }
  }

  /// Reads `tokens` through all blocks that `route` runs, and notes what losses where that is
  /// remembered; `visit` sees each part before it is committed.
  package func read<Failure>(
    _ tokens: ArraySlice<TokenID>, route: Route = .plain, retrievesFrom: Int = .max,
    visit: (TextPart) throws(Failure) -> Void
  ) throws(Failure) {
    try readParts(of: tokens, route: route, retrievesFrom: retrievesFrom) { part throws(Failure) in
      run(rows: part.rows, blocks: 0..<blockCount, route: route)
      noteLosses(of: part.followers)
      try visit(part)
    }
  }

  /// Reads `tokens` through all blocks that `route` runs, and looks at nothing.
  package func read(_ tokens: ArraySlice<TokenID>, route: Route = .plain) {
    read(tokens, route: route) { _ in }
  }
}
