import Dials
import GGUF
import TestSupport
import Tokenization
import Transformer

extension FuzzTarget {
  /// A model's file: head, tensors, tokenizer, template, hyper-parameters. What opens is consistent.
  static let gguf = FuzzTarget(name: "gguf", seeds: seedsOfGGUF) { bytes in
    guard let file = try? GGUFFile(bytes: bytes) else { return }
    for tensor in file.tensors {
      claim(
        tensor.offset >= 0 && tensor.offset + tensor.byteCount <= bytes.count,
        "\(tensor) lies within the file")
      let bytesOfBlocks = tensor.elementCount / tensor.type.blockSize * tensor.type.blockBytes
      claim(tensor.byteCount == bytesOfBlocks, "\(tensor) has the bytes of its elements")
      claim(
        tensor.rowLength * tensor.rowCount == tensor.elementCount, "\(tensor) is whole rows")
      if tensor.elementCount < 1 << 14 { _ = file.dequantize(tensor) }
    }
    _ = file.metadata.mapValues(\.description)
    _ = try? Blueprint(metadata: file.metadata)
    _ = try? AdapterHead(metadata: file.metadata)
    let template = ChatTemplate.recognized(in: file.metadata).template
    guard let tokenizer = try? Tokenizer(metadata: file.metadata) else { return }
    read("Hello, <|im_end|> wörld\n 123", with: tokenizer)
    let messages = [ChatMessage(.system, "a"), ChatMessage(.user, "b <s>")]
    for token in tokenizer.encode(chat: messages, template: template, addGenerationPrompt: true) {
      claim(tokenizer.knows(token), "\(token) is of the vocabulary")
    }
  }

  private static func read(_ text: String, with tokenizer: Tokenizer) {
    for token in tokenizer.encode(text, parseSpecial: false, addSpecial: false) {
      claim(tokenizer.knows(token), "\(token) is of the vocabulary")
      claim(!tokenizer.isControl(token), "no text becomes a control token")
    }
    _ = tokenizer.decode(
      tokenizer.encode(text, parseSpecial: true, addSpecial: true), renderSpecial: true)
  }

  @Sendable private static func seedsOfGGUF() -> [[UInt8]] {
    let types: [TensorType] = [.f32, .q4_1, .q2K, .q3K, .q6K, .iq4_NL, .iq4_XS, .mxfp4]
    return types.map { small($0, metadata: SmallVocabulary.byteLevel(preTokenizer: "smollm")) } + [
      small(.f16, metadata: SmallVocabulary.sentencePiece()),
      small(.q8_0, metadata: SmallVocabulary.byteLevel(preTokenizer: "llama-bpe")),
      small(.bf16, metadata: [:]),
    ]
  }

  /// A file of one small tensor.
  private static func small(_ type: TensorType, metadata: Metadata) -> [UInt8] {
    var writer = GGUFWriter()
    let counts = [
      "block_count": 1, "context_length": 64, "embedding_length": 8, "feed_forward_length": 8,
      "attention.head_count": 2, "attention.head_count_kv": 1, "rope.dimension_count": 4,
    ]
    writer.set("general.architecture", to: .string("llama"))
    for (key, count) in counts.sorted(by: { $0.key < $1.key }) {
      writer.set("llama.\(key)", to: .unsigned(UInt64(count)))
    }
    writer.set("llama.attention.layer_norm_rms_epsilon", to: .float(1e-5))
    writer.set("tokenizer.chat_template", to: .string("<|im_start|> {{ eos_token }} [INST]"))
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) { writer.set(key, to: value) }
    writer.add(
      name: "token_embd.weight", shape: [type.blockSize, 2], type: type,
      bytes: Array(repeating: 60, count: 2 * type.blockBytes))
    return writer.bytes()
  }
}

extension Tokenizer {
  /// Whether the vocabulary has this token.
  func knows(_ token: TokenID) -> Bool { (0..<vocabularyCount).contains(Int(token.rawValue)) }
}
