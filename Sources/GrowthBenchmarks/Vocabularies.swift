import GGUF
import Tokenization

/// Tokenizers to measure.
enum Vocabularies {
  /// That of the model file, and the same under other pre-tokenizers.
  static func byteLevel(model: String) throws -> [(name: String, tokenizer: Tokenizer)] {
    let metadata = try GGUFFile(path: model).metadata
    return try ["smollm", "llama-bpe", "default", "falcon"].map { name in
      var other = metadata
      other["tokenizer.ggml.pre"] = .string(name)
      return (name, try Tokenizer(metadata: other))
    }
  }

  /// A SentencePiece vocabulary of the pieces of a sentence.
  static func sentencePiece() throws -> Tokenizer {
    let space = "\u{2581}"
    let sentence = Array(
      "\(space)the\(space)quick\(space)brown\(space)fox\(space)jumps\(space)over")
    var pieces = ["<unk>", "<s>", "</s>"]
    var types = [2, 3, 3]
    for byte in 0...255 {
      let digits = String(byte, radix: 16, uppercase: true)
      pieces.append("<0x\(byte < 16 ? "0" : "")\(digits)>")
      types.append(6)
    }
    var known = Set(pieces)
    func add(_ piece: String) {
      guard known.insert(piece).inserted else { return }
      pieces.append(piece)
      types.append(1)
    }
    for length in 1...6 {
      for start in 0...(sentence.count - length) { add(String(sentence[start..<start + length])) }
      for unit in ["a", space, "\n", "0", "é", "漢"] { add(String(repeating: unit, count: length)) }
    }
    return try Tokenizer(metadata: [
      "tokenizer.ggml.model": .string("llama"),
      "tokenizer.ggml.tokens": .array(pieces.map { .string($0) }),
      "tokenizer.ggml.token_type": .array(types.map { .integer(Int64($0)) }),
      "tokenizer.ggml.scores": .array(pieces.indices.map { .float(-Double($0)) }),
    ])
  }
}
