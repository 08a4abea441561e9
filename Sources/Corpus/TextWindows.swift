package import Dials

/// A text cut into consecutive windows of one length, as llama-perplexity cuts it: what is left at the
/// end is dropped, and where a model's texts begin with BOS, it takes the place of each window's first
/// token.
///
/// The second half of a window is scored, so that each scored token has at least half a window of past.
package struct TextWindows: Sendable {
  /// Tokens in a window.
  package let length: Int
  /// How many windows there are.
  package let count: Int

  private let tokens: [TokenID]
  private let bos: TokenID?

  /// Windows of `length` over `tokens`, at most `limit`; each begins with `bos` if one is given.
  package init(
    _ tokens: [TokenID], length: Int, limit: Int? = nil, bos: TokenID? = nil
  ) throws(CorpusError) {
    guard length >= 4 else {
      throw CorpusError(
        .badLength, "A window of \(length) tokens is too short; use 4 or more.")
    }
    guard tokens.count >= length else {
      throw CorpusError(
        .tooShort,
        "The text has \(tokens.count) tokens, which is less than one window of \(length). "
          + "Give a longer text, or shorter windows with -c.")
    }
    self.tokens = tokens
    self.length = length
    self.bos = bos
    count = min(tokens.count / length, max(1, limit ?? .max))
  }

  /// The tokens of one window.
  package subscript(index: Int) -> [TokenID] {
    var window = Array(tokens[index * length..<(index + 1) * length])
    if let bos { window[0] = bos }
    return window
  }

  /// The places in a window whose logits are scored: each by the token that follows it.
  package var scored: Range<Int> { length / 2..<length - 1 }
}
