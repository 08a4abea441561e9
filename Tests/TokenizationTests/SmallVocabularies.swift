import GGUF
import TestSupport
import Tokenization

/// Vocabularies built here, small enough to see through.
enum SmallVocabularies {
  /// SentencePiece: three control tokens, the 256 bytes, a few pieces, and `extra` control tokens.
  static func sentencePiece(extra: [String] = []) -> Metadata {
    let bytes = (0..<256).map { byte in
      let digits = String(byte, radix: 16, uppercase: true)
      return "<0x" + (digits.count < 2 ? "0" : "") + digits + ">"
    }
    // Longer pieces later and better, so that a word ends in its longest.
    let pieces = [
      "▁", "a", "b", "c", "h", "i", "s", "<", ">", "/", "|", "[", "]", "I", "N", "S", "T",
      "▁a", "ab", "hi", "▁hi", "<s", "/s", "</s", "IN", "INS", "▁▁",
    ]
    let tokens = ["<unk>", "<s>", "</s>"] + bytes + pieces + extra
    let kinds = [2, 3, 3] + bytes.map { _ in 6 } + pieces.map { _ in 1 } + extra.map { _ in 3 }
    let scores =
      [0, 0, 0] + bytes.map { _ in 0 } + pieces.indices.map { $0 } + extra.map { _ in 0 }
    return [
      "tokenizer.ggml.model": .string("llama"),
      "tokenizer.ggml.tokens": .array(tokens.map { .string($0) }),
      "tokenizer.ggml.token_type": .array(kinds.map { .integer(Int64($0)) }),
      "tokenizer.ggml.scores": .array(scores.map { .float(Double($0)) }),
    ]
  }

  /// Byte-level: the 256 bytes and `control` tokens behind them; each of `merges`, as pairs of
  /// ASCII letters' tokens, makes one token more.
  static func byteLevel(
    control: [String] = ["<|im_start|>", "<|im_end|>"], merges: [(String, String)] = [],
    preTokenizer: String = "gpt-2"
  ) -> Metadata {
    let bytes = Array(TinyModel().vocabulary.tokens[3..<259])
    let tokens = bytes + merges.map { $0.0 + $0.1 } + control
    let kinds = bytes.map { _ in 1 } + merges.map { _ in 1 } + control.map { _ in 3 }
    return [
      "tokenizer.ggml.model": .string("gpt2"),
      "tokenizer.ggml.pre": .string(preTokenizer),
      "tokenizer.ggml.tokens": .array(tokens.map { .string($0) }),
      "tokenizer.ggml.token_type": .array(kinds.map { .integer(Int64($0)) }),
      "tokenizer.ggml.merges": .array(merges.map { .string($0.0 + " " + $0.1) }),
    ]
  }
}
