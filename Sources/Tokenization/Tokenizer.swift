package import Dials
package import GGUF

/// Text to tokens and back, as the vocabulary in a GGUF file says.
///
/// Two families: byte-level byte-pair encoding (`tokenizer.ggml.model` = `gpt2`) and SentencePiece
/// (`llama`). Both give the ids that llama.cpp gives for the same file, with one exception: no
/// spelling of a plain text ever gives a control token.
package struct Tokenizer: Sendable {
  /// How plain text becomes tokens.
  enum Encoder: Sendable {
    case bytePair(BytePairEncoder)
    case sentencePiece(SentencePieceEncoder)
  }

  let vocabulary: Vocabulary
  let encoder: Encoder
  let specials: SpecialTokens
  /// Whether a text begins with `bos` where special tokens are added.
  package let addsBOS: Bool
  /// Whether a text ends with `eos` where special tokens are added.
  package let addsEOS: Bool

  /// Reads the vocabulary. Throws when `tokenizer.ggml.model` or `tokenizer.ggml.pre` name
  /// something unknown, and when lists are missing or do not fit each other.
  package init(metadata: Metadata) throws(TokenizationError) {
    let reader = MetadataReader(metadata: metadata)
    let addsBOSByDefault: Bool
    switch try reader.string("tokenizer.ggml.model") {
    case "gpt2":
      let preTokenizer = try Self.preTokenizer(reader)
      vocabulary = try Vocabulary(reader, standardIDs: false)
      encoder = .bytePair(
        try BytePairEncoder(reader, vocabulary: vocabulary, preTokenizer: preTokenizer))
      addsBOSByDefault = preTokenizer.addsBOS
    case "llama":
      vocabulary = try Vocabulary(reader, standardIDs: true)
      encoder = .sentencePiece(try SentencePieceEncoder(reader, vocabulary: vocabulary))
      addsBOSByDefault = true
    case let model?:
      throw TokenizationError(
        code: .unsupported, key: "tokenizer.ggml.model", value: model,
        remedy: "use a model whose tokenizer is gpt2 (byte-level BPE) or llama (SentencePiece)")
    case nil:
      throw TokenizationError(
        code: .missing, key: "tokenizer.ggml.model", value: "",
        remedy: "the file holds no tokenizer; use another")
    }
    specials = SpecialTokens(vocabulary)
    let addsBOS = try reader.bool("tokenizer.ggml.add_bos_token") ?? addsBOSByDefault
    let addsEOS = try reader.bool("tokenizer.ggml.add_eos_token") ?? false
    self.addsBOS = addsBOS && vocabulary.bos != nil
    self.addsEOS = addsEOS && vocabulary.eos != nil
  }

  private static func preTokenizer(
    _ reader: MetadataReader
  ) throws(TokenizationError) -> PreTokenizer {
    let key = "tokenizer.ggml.pre"
    let name = try reader.string(key) ?? "default"
    guard let preTokenizer = PreTokenizer(named: name) else {
      throw TokenizationError(
        code: .unsupported, key: key, value: name,
        remedy: "this way to cut text into words is not built in; use another model")
    }
    return preTokenizer
  }

  /// The number of tokens.
  package var vocabularyCount: Int { vocabulary.table.count }

  /// The token that begins a text.
  package var bos: TokenID? { vocabulary.bos.map(TokenID.init(rawValue:)) }

  /// The token that ends a text.
  package var eos: TokenID? { vocabulary.eos.map(TokenID.init(rawValue:)) }

  /// All tokens that end an answer: end of text, end of turn, end of message.
  package var endOfTurn: Set<TokenID> { Set(vocabulary.ends.map(TokenID.init(rawValue:))) }

  /// Whether the token steers the model and is no text.
  package func isControl(_ token: TokenID) -> Bool {
    vocabulary.kinds.indices.contains(token.index) && vocabulary.kinds[token.index] == .control
  }

  /// The token's text as the vocabulary spells it: `Ġthe`, `▁the`, `<0x0A>`, `<|im_end|>`; empty for
  /// an id outside the vocabulary.
  package func text(of token: TokenID) -> String {
    guard vocabulary.kinds.indices.contains(token.index) else { return "" }
    return String(decoding: vocabulary.table[token.index], as: UTF8.self)
  }

  /// The token with this text, spelt as in the vocabulary.
  package func token(_ text: String) -> TokenID? {
    vocabulary.table.index(of: Array(text.utf8)[...]).map(TokenID.init(rawValue:))
  }
}
