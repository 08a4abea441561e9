/// What a token is for, as `tokenizer.ggml.token_type` numbers it.
enum TokenKind: UInt8, Sendable {
  /// A piece of text.
  case normal = 1
  /// Stands for text that cannot be spelt.
  case unknown
  /// Steers the model and is never text: begin, end, turn markers.
  case control
  /// A piece of text that is found before any merging.
  case userDefined
  /// Not in use.
  case unused
  /// One byte of a SentencePiece vocabulary, spelt `<0xXX>`.
  case byte

  /// Whether merging may end in a token of this kind.
  ///
  /// SentencePiece keeps the others out of its piece map (google/sentencepiece,
  /// `model_interface.cc`), and so no spelling of a text gives a control token.
  var isMergeable: Bool { self == .normal || self == .userDefined || self == .unused }
}

/// The tokens of a model: their texts, their kinds, and the ones with a meaning.
struct Vocabulary: Sendable {
  /// The texts as the file spells them.
  let table: PieceTable
  /// The kind of each token.
  private(set) var kinds: [TokenKind]
  /// The token that begins a text.
  let bos: Int32?
  /// The token that ends a text.
  let eos: Int32?
  /// The token for text that cannot be spelt; nil where that would be a control token.
  let unknown: Int32?
  /// All tokens that end an answer.
  private(set) var ends: Set<Int32>

  /// Texts that steer a model. A file that calls them user-defined, or says nothing, would let a
  /// message forge a turn; where they are normal pieces (`<s>` of HTML in Qwen 2) they are text.
  private static let markers: Set<String> = [
    "<s>", "<bos>", "<|begin_of_text|>", "<|im_start|>", "<|start_header_id|>",
    "<|end_header_id|>", "<start_of_turn>",
  ]

  /// Texts of tokens that end an answer in some family of models (as llama.cpp's
  /// `special_eog_ids`).
  private static let endMarkers: Set<String> = [
    "</s>", "<eos>", "<|endoftext|>", "<|end_of_text|>", "<|im_end|>", "<|eot_id|>", "<|eom_id|>",
    "<|end|>", "<end_of_turn>", "<|end_of_turn|>", "<EOT>", "<end_of_utterance>",
  ]

  /// Reads texts, kinds and the tokens with a meaning. `standardIDs`: whether BOS, EOS and unknown
  /// are 1, 2 and 0 where the file does not say, as in every SentencePiece model of Llama.
  init(_ reader: MetadataReader, standardIDs: Bool) throws(TokenizationError) {
    let key = "tokenizer.ggml.tokens"
    guard let texts = try reader.strings(key), !texts.isEmpty else {
      throw TokenizationError(
        code: .missing, key: key, value: "", remedy: "the file holds no vocabulary; use another")
    }
    guard texts.count <= Int(Int32.max) / 4 else {
      throw TokenizationError(
        code: .malformed, key: key, value: "\(texts.count) tokens", remedy: "that is too many")
    }
    let table = PieceTable(texts)
    func token(_ name: String, or standard: Int) throws(TokenizationError) -> Int32? {
      let id = try reader.token("tokenizer.ggml.\(name)", below: texts.count)
      let fallback = standardIDs && standard < texts.count ? standard : nil
      return (id ?? fallback).map(Int32.init)
    }
    let bos = try token("bos_token_id", or: 1)
    let eos = try token("eos_token_id", or: 2)
    let unknown = try token("unknown_token_id", or: 0)
    var kinds = try Self.kinds(reader, count: texts.count)
    var ends = Set([eos].compactMap(\.self))
    for key in ["tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id"] {
      if let id = try reader.token(key, below: texts.count) { ends.insert(Int32(id)) }
    }
    let saysKinds = reader.metadata["tokenizer.ggml.token_type"] != nil
    // What the template in use writes as a marker is one, of whatever kind the file says it is.
    let template = ChatTemplate.recognized(in: reader.metadata).template
    let own = template.markers
    func marker(_ text: String) -> Int32? {
      guard let id = table.index(of: Array(text.utf8)[...]) else { return nil }
      return saysKinds && kinds[Int(id)] == .normal && !own.contains(text) ? nil : id
    }
    let endMarkers = Self.endMarkers.union([template.endMarker].compactMap(\.self))
    ends.formUnion(endMarkers.compactMap(marker))
    let markers = Self.markers.union(own).compactMap(marker)
    for id in markers + Array(ends) + [bos].compactMap(\.self) {
      kinds[Int(id)] = .control
    }
    (self.table, self.kinds, self.ends) = (table, kinds, ends)
    (self.bos, self.eos) = (bos, eos)
    // Text that cannot be spelt must not steer the model.
    self.unknown = unknown.flatMap { [kinds] in kinds[Int($0)] == .control ? nil : $0 }
  }

  private static func kinds(
    _ reader: MetadataReader, count: Int
  ) throws(TokenizationError) -> [TokenKind] {
    let key = "tokenizer.ggml.token_type"
    guard let numbers = try reader.integers(key) else {
      return Array(repeating: .normal, count: count)
    }
    guard numbers.count == count else {
      throw TokenizationError(
        code: .malformed, key: key, value: "\(numbers.count) entries",
        remedy: "the vocabulary has \(count) tokens; the file needs converting again")
    }
    return numbers.map { UInt8(exactly: $0).flatMap(TokenKind.init) ?? .normal }
  }

  /// The token with this text that merging may end in.
  func mergeable(_ bytes: ArraySlice<UInt8>) -> Int32? {
    guard let id = table.index(of: bytes), kinds[Int(id)].isMergeable else { return nil }
    return id
  }

  /// The control token with this text.
  func control(_ text: String) -> Int32? {
    guard let id = table.index(of: Array(text.utf8)[...]), kinds[Int(id)] == .control else {
      return nil
    }
    return id
  }
}
