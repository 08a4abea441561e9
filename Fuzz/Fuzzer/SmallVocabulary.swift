import GGUF
import TestSupport
import Tokenization

/// Vocabularies of a few hundred bytes as a file has them.
enum SmallVocabulary {
  /// Byte-level, with a few pieces and no token for most bytes; `isWhole`: one for every byte.
  static func byteLevel(preTokenizer: String, isWhole: Bool = false) -> Metadata {
    let tiny = TinyModel().vocabulary
    guard isWhole else {
      let tokens = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "a", "b", "Ġ", "Ġa", "ab"]
      return metadata(
        "gpt2", tokens, kinds: [3, 3, 3, 1, 1, 1, 1, 4],
        [
          "tokenizer.ggml.pre": .string(preTokenizer),
          "tokenizer.ggml.merges": .array([.string("Ġ a"), .string("a b")]),
        ])
    }
    var metadata = Dictionary(uniqueKeysWithValues: tiny.metadata)
    metadata["tokenizer.ggml.pre"] = .string(preTokenizer)
    return metadata
  }

  /// SentencePiece, with a few pieces; `isWhole`: with the 256 bytes.
  static func sentencePiece(isWhole: Bool = false) -> Metadata {
    let bytes = (0..<(isWhole ? 256 : 2)).map { byte in
      let digits = String(byte, radix: 16, uppercase: true)
      return "<0x" + (digits.count < 2 ? "0" : "") + digits + ">"
    }
    let pieces = ["▁", "a", "b", "▁a", "ab", "▁ab", "▁▁", "<s", "日"]
    let tokens = ["<unk>", "<s>", "</s>"] + bytes + pieces
    return metadata(
      "llama", tokens, kinds: [2, 3, 3] + bytes.map { _ in 6 } + pieces.map { _ in 1 },
      ["tokenizer.ggml.scores": .array(tokens.indices.map { .float(Double($0)) })])
  }

  private static func metadata(
    _ model: String, _ tokens: [String], kinds: [Int64], _ more: Metadata
  ) -> Metadata {
    var metadata = more
    metadata["tokenizer.ggml.model"] = .string(model)
    metadata["tokenizer.ggml.tokens"] = .array(tokens.map { .string($0) })
    metadata["tokenizer.ggml.token_type"] = .array(kinds.map { .integer($0) })
    return metadata
  }
}
