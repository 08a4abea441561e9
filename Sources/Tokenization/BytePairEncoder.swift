/// Byte-level byte-pair encoding: a text is cut into words, each word into bytes, and neighbours are
/// merged by the rank of their pair (Sennrich et al. 2016, arXiv 1508.07909; on bytes as in GPT-2).
struct BytePairEncoder: Sendable {
  private let preTokenizer: PreTokenizer
  /// The token of each byte; -1 where the vocabulary cannot spell it.
  private let byteTokens: [Int32]
  private let merges: MergeRanks
  private let vocabulary: Vocabulary

  /// Reads the merges from `tokenizer.ggml.merges`.
  init(
    _ reader: MetadataReader, vocabulary: Vocabulary, preTokenizer: PreTokenizer
  ) throws(TokenizationError) {
    self.preTokenizer = preTokenizer
    self.vocabulary = vocabulary
    byteTokens = ByteAlphabet.scalars.map { scalar in
      vocabulary.mergeable(Array(String(scalar).utf8)[...]) ?? -1
    }
    merges = try MergeRanks(reader, vocabulary: vocabulary)
  }

  /// Appends the tokens of `bytes`, which must be valid UTF-8. A byte that the vocabulary cannot
  /// spell gives no token, as in llama.cpp.
  func encode(_ bytes: ArraySlice<UInt8>, into tokens: inout [Int32]) {
    let text = ScalarText(bytes)
    var chain = SymbolChain()
    for word in preTokenizer.words(of: text) {
      let range = text.bytes(of: word)
      if preTokenizer.takesWholeWords, let token = wholeWord(bytes[range]) {
        tokens.append(token)
        continue
      }
      chain.removeAll()
      for index in range {
        chain.append(id: byteTokens[Int(bytes[index])], range: index..<index + 1)
      }
      chain.merge(by: merges)
      for symbol in chain.symbols where !symbol.range.isEmpty && symbol.id >= 0 {
        tokens.append(symbol.id)
      }
    }
  }

  private func wholeWord(_ bytes: ArraySlice<UInt8>) -> Int32? {
    var spelling: [UInt8] = []
    for byte in bytes { spelling.append(contentsOf: ByteAlphabet.scalars[Int(byte)].utf8) }
    return vocabulary.mergeable(spelling[...])
  }
}

/// The pairs of tokens that merge, with rank and result.
private struct MergeRanks: MergeRule, Sendable {
  private var merges: [UInt64: Merge] = [:]

  init(_ reader: MetadataReader, vocabulary: Vocabulary) throws(TokenizationError) {
    let key = "tokenizer.ggml.merges"
    guard let lines = try reader.strings(key) else {
      throw TokenizationError(
        code: .missing, key: key, value: "",
        remedy: "byte-pair encoding needs it; the file needs converting again")
    }
    merges.reserveCapacity(lines.count)
    for (rank, line) in lines.enumerated() {
      let bytes = Array(line.utf8)
      guard let space = bytes.dropFirst().firstIndex(of: 0x20),
        let left = vocabulary.table.index(of: bytes[..<space]),
        let right = vocabulary.table.index(of: bytes[(space + 1)...]),
        let both = vocabulary.table.index(of: bytes[..<space] + bytes[(space + 1)...])
      else {
        throw TokenizationError(
          code: .malformed, key: "\(key)[\(rank)]", value: line,
          remedy: "both parts and their sum have to be tokens; the file needs converting again")
      }
      guard vocabulary.kinds[Int(both)].isMergeable else { continue }
      let pair = Self.pair(left, right)
      if merges[pair] == nil { merges[pair] = Merge(priority: Float(rank), id: both) }
    }
  }

  func merge(_ left: Symbol, _ right: Symbol) -> Merge? {
    left.id < 0 || right.id < 0 ? nil : merges[Self.pair(left.id, right.id)]
  }

  private static func pair(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }
}
