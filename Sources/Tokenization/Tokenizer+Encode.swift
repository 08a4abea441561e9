package import Dials

extension Tokenizer {
  /// The tokens of `text`.
  ///
  /// - Parameters:
  ///   - text: any text. Bytes that a byte-level vocabulary cannot spell give no token.
  ///   - parseSpecial: whether the spelling of a control token becomes that token. Never for text
  ///     that a person or a file wrote: there `<|im_start|>` is twelve characters.
  ///   - addSpecial: whether BOS and EOS are added where the file says so.
  /// - Returns: the ids, in order. O(n log n) in the longest word, linear otherwise.
  package func encode(
    _ text: String, parseSpecial: Bool = false, addSpecial: Bool = false
  ) -> [TokenID] {
    var run = TokenRun(tokenizer: self)
    if addSpecial && addsBOS, let id = vocabulary.bos { run.append(id) }
    run.append(text, parseSpecial: parseSpecial)
    if addSpecial && addsEOS, let id = vocabulary.eos { run.append(id) }
    return run.tokens
  }
}

/// Tokens in the making: texts and special tokens, one after the other.
struct TokenRun {
  let tokenizer: Tokenizer
  private var ids: [Int32] = []
  /// Whether the next text stands at the beginning or behind a special token, where SentencePiece
  /// puts a space in front.
  private var atStart: Bool

  /// No tokens yet. `atStart`: whether they begin a text.
  init(tokenizer: Tokenizer, atStart: Bool = true) {
    (self.tokenizer, self.atStart) = (tokenizer, atStart)
  }

  /// What has been appended.
  var tokens: [TokenID] { ids.map(TokenID.init(rawValue:)) }

  /// The number of tokens.
  var count: Int { ids.count }

  /// A place between tokens.
  struct Place: Sendable {
    fileprivate let count: Int
    fileprivate let atStart: Bool
  }

  /// The place behind the last token.
  var place: Place { Place(count: ids.count, atStart: atStart) }

  /// Takes away what stands behind `place`; everything where there is none.
  mutating func goBack(to place: Place?) {
    ids.removeLast(ids.count - (place?.count ?? 0))
    atStart = place?.atStart ?? true
  }

  /// Appends one special token.
  mutating func append(_ id: Int32) {
    ids.append(id)
    atStart = true
  }

  /// Appends the tokens of `text`.
  mutating func append(_ text: String, parseSpecial: Bool) {
    let bytes = Array(text.utf8)
    for part in tokenizer.specials.parts(of: bytes, withControl: parseSpecial) {
      switch part {
      case .token(let id): append(id)
      case .text(let range):
        switch tokenizer.encoder {
        case .bytePair(let encoder): encoder.encode(bytes[range], into: &ids)
        case .sentencePiece(let encoder):
          let prefix = atStart && encoder.addsSpacePrefix
          encoder.encode(bytes[range], spacePrefix: prefix, into: &ids)
        }
        atStart = false
      }
    }
  }
}
