/// SentencePiece's byte-pair model (Kudo and Richardson 2018, arXiv 1808.06226): spaces become U+2581,
/// neighbours are merged into the vocabulary's piece of the highest score, and characters that no
/// piece spells fall back to one token per byte.
struct SentencePieceEncoder: Sendable {
  /// U+2581 LOWER ONE EIGHTH BLOCK in UTF-8: a space as the vocabulary spells it.
  static let space: [UInt8] = [0xE2, 0x96, 0x81]

  /// Whether a text begins with a space that is not in it.
  let addsSpacePrefix: Bool
  private let pieces: ScoredPieces
  /// The token of each byte, or the unknown token; -1 where there is neither.
  private let byteTokens: [Int32]
  /// Whether some piece goes on behind a space, so that words cannot be merged one by one.
  private let crossesWords: Bool

  /// Reads the scores from `tokenizer.ggml.scores`.
  init(_ reader: MetadataReader, vocabulary: Vocabulary) throws(TokenizationError) {
    let key = "tokenizer.ggml.scores"
    let scores = try reader.numbers(key) ?? Array(repeating: 0, count: vocabulary.table.count)
    guard scores.count == vocabulary.table.count, scores.allSatisfy({ !$0.isNaN }) else {
      throw TokenizationError(
        code: .malformed, key: key, value: "\(scores.count) entries",
        remedy: "each of the \(vocabulary.table.count) tokens needs a number as its score")
    }
    pieces = ScoredPieces(vocabulary: vocabulary, scores: scores.map(Float.init))
    addsSpacePrefix = try reader.bool("tokenizer.ggml.add_space_prefix") ?? true
    var byteTokens = Array(repeating: vocabulary.unknown ?? -1, count: 256)
    var crossesWords = false
    for index in 0..<vocabulary.table.count {
      let bytes = vocabulary.table[index]
      if vocabulary.kinds[index] == .byte, let byte = Self.byte(spelt: bytes) {
        byteTokens[Int(byte)] = Int32(index)
      }
      if !crossesWords && vocabulary.kinds[index].isMergeable {
        crossesWords = Self.hasInnerSpace(bytes)
      }
    }
    (self.byteTokens, self.crossesWords) = (byteTokens, crossesWords)
  }

  /// Appends the tokens of `bytes`, which must be valid UTF-8, with a space in front if asked for.
  func encode(_ bytes: ArraySlice<UInt8>, spacePrefix: Bool, into tokens: inout [Int32]) {
    var text: [UInt8] = spacePrefix ? Self.space : []
    text.reserveCapacity(bytes.count + bytes.count / 2)
    for byte in bytes {
      if byte == 0x20 { text += Self.space } else { text.append(byte) }
    }
    var chain = SymbolChain()
    for word in words(of: text) { encode(word, of: text, with: &chain, into: &tokens) }
  }

  private func encode(
    _ word: Range<Int>, of text: [UInt8], with chain: inout SymbolChain, into tokens: inout [Int32]
  ) {
    chain.removeAll()
    var start = word.lowerBound
    while start < word.upperBound {
      let end = min(start + Self.length(ofCharacter: text[start]), word.upperBound)
      chain.append(id: pieces.vocabulary.mergeable(text[start..<end]) ?? -1, range: start..<end)
      start = end
    }
    chain.merge(by: TextMerges(pieces: pieces, text: text))
    for symbol in chain.symbols where !symbol.range.isEmpty {
      if symbol.id >= 0 {
        tokens.append(symbol.id)
      } else {
        tokens += symbol.range.lazy.map { byteTokens[Int(text[$0])] }.filter { $0 >= 0 }
      }
    }
  }

  /// The splits of `text` that no piece reaches beyond: one per word where no piece goes on
  /// behind a space, which keeps the lists short; otherwise the whole text.
  private func words(of text: [UInt8]) -> [Range<Int>] {
    if text.isEmpty { return [] }
    if crossesWords { return [0..<text.count] }
    var words: [Range<Int>] = []
    var start = 0
    var index = 0
    var afterSpace = true
    while index < text.count {
      let length = Self.length(ofCharacter: text[index])
      let isSpace = text[index...].starts(with: Self.space)
      if isSpace && !afterSpace {
        words.append(start..<index)
        start = index
      }
      afterSpace = isSpace
      index += length
    }
    words.append(start..<text.count)
    return words
  }

  private static func length(ofCharacter lead: UInt8) -> Int {
    lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
  }

  private static func hasInnerSpace(_ bytes: ArraySlice<UInt8>) -> Bool {
    var rest = bytes
    while rest.starts(with: space) { rest = rest.dropFirst(space.count) }
    while !rest.isEmpty {
      if rest.starts(with: space) { return true }
      rest = rest.dropFirst()
    }
    return false
  }

  /// The byte that `<0xXX>` spells.
  static func byte(spelt bytes: ArraySlice<UInt8>) -> UInt8? {
    guard bytes.count == 6, bytes.starts(with: "<0x".utf8), bytes.last == UInt8(ascii: ">") else {
      return nil
    }
    return UInt8(String(decoding: bytes.dropFirst(3).dropLast(), as: UTF8.self), radix: 16)
  }
}

/// The pieces that texts merge into, and how soon.
private struct ScoredPieces: Sendable {
  let vocabulary: Vocabulary
  let scores: [Float]
}

/// Merges within one text: neighbours merge when the vocabulary has what they spell together.
private struct TextMerges: MergeRule {
  let pieces: ScoredPieces
  let text: [UInt8]

  func merge(_ left: Symbol, _ right: Symbol) -> Merge? {
    let range = left.range.lowerBound..<right.range.upperBound
    guard let id = pieces.vocabulary.mergeable(text[range]) else { return nil }
    return Merge(priority: -pieces.scores[Int(id)], id: id)
  }
}
