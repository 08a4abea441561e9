package import Dials

extension Tokenizer {
  /// The bytes that the token stands for, maybe a part of a character. A control token gives the
  /// bytes of its text; an id outside the vocabulary gives none.
  package func bytes(of token: TokenID) -> [UInt8] {
    guard vocabulary.kinds.indices.contains(token.index) else { return [] }
    let text = vocabulary.table[token.index]
    let kind = vocabulary.kinds[token.index]
    switch encoder {
    case .bytePair:
      return kind.isMergeable && kind != .userDefined ? Self.bytes(inAlphabet: text) : Array(text)
    case .sentencePiece:
      if kind == .byte, let byte = SentencePieceEncoder.byte(spelt: text) { return [byte] }
      return kind.isMergeable ? Self.bytes(withSpaces: text) : Array(text)
    }
  }

  /// The text of `tokens`, bytes that are no UTF-8 replaced by U+FFFD.
  ///
  /// The text of a whole is the texts of its parts in a row, up to characters that were cut. A space
  /// that SentencePiece put in front therefore stays.
  ///
  /// - Parameters:
  ///   - tokens: any ids.
  ///   - renderSpecial: whether control tokens show as their text or not at all.
  /// - Returns: the text.
  package func decode(
    _ tokens: some Sequence<TokenID>, renderSpecial: Bool = false
  ) -> String {
    var bytes: [UInt8] = []
    for token in tokens where renderSpecial || !isControl(token) {
      bytes += self.bytes(of: token)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func bytes(inAlphabet text: ArraySlice<UInt8>) -> [UInt8] {
    String(decoding: text, as: UTF8.self).unicodeScalars.flatMap { scalar in
      ByteAlphabet.byte(for: scalar).map { [$0] } ?? Array(String(scalar).utf8)
    }
  }

  private static func bytes(withSpaces text: ArraySlice<UInt8>) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = text
    while let first = rest.first {
      let isSpace = rest.starts(with: SentencePieceEncoder.space)
      bytes.append(isSpace ? 0x20 : first)
      rest = rest.dropFirst(isSpace ? SentencePieceEncoder.space.count : 1)
    }
    return bytes
  }
}
