package import GGUF

/// The vocabulary of every tiny model: 3 control tokens, the 256 byte characters of byte-level BPE, and
/// what 41 merges make, 300 in all.
package struct TinyVocabulary: Sendable {
  /// The tokens as the file holds them, by id.
  package let tokens: [String]
  /// Pairs that merge, the earlier before the later.
  package let merges: [String]

  init() {
    merges = Self.pairs.map { "\($0) \($1)" }
    tokens = Self.control + Self.byteCharacters + Self.pairs.map { $0 + $1 }
  }

  /// End of text, begin of turn, end of turn: ids 0, 1, 2.
  package static let control = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]

  private static let pairs: [(String, String)] = [
    ("Ġ", "t"), ("Ġ", "a"), ("i", "n"), ("h", "e"), ("Ġ", "Ġ"), ("r", "e"), ("o", "n"), ("e", "r"),
    ("Ġt", "he"), ("a", "t"), ("Ġ", "s"), ("Ġ", "o"), ("e", "n"), ("Ġ", "c"), ("e", "s"),
    ("Ġ", "w"), ("n", "d"), ("i", "t"), ("o", "r"), ("i", "s"), ("a", "l"), ("Ġ", "p"),
    ("in", "g"), ("Ġ", "f"), ("a", "n"), ("e", "d"), ("Ġ", "b"), ("o", "u"), ("a", "r"),
    ("Ġ", "in"), ("Ġo", "f"), ("Ġ", "m"), ("Ġa", "nd"), ("i", "c"), ("Ġ", "d"), ("Ġt", "o"),
    ("ĠĠ", "ĠĠ"), ("l", "e"), ("r", "o"), ("l", "o"), ("he", "l"),
  ]

  /// The character that stands for each byte: itself where it prints, else the next one from U+0100 on
  /// (as GPT-2 does; Radford et al. 2019, `bytes_to_unicode` of encoder.py).
  private static let byteCharacters: [String] = {
    var next: UInt32 = 0x100
    return (0...255).map { (byte: UInt32) in
      switch byte {
      case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: return character(byte)
      default:
        defer { next += 1 }
        return character(next)
      }
    }
  }()

  private static func character(_ scalar: UInt32) -> String {
    Unicode.Scalar(scalar).map(String.init) ?? ""
  }

  /// The keys of a real file.
  package var metadata: [(String, MetadataValue)] {
    let types = tokens.indices.map { MetadataValue.integer($0 < Self.control.count ? 3 : 1) }
    return [
      ("tokenizer.ggml.model", .string("gpt2")),
      ("tokenizer.ggml.pre", .string("smollm")),
      ("tokenizer.ggml.tokens", .array(tokens.map { .string($0) })),
      ("tokenizer.ggml.token_type", .array(types)),
      ("tokenizer.ggml.merges", .array(merges.map { .string($0) })),
      ("tokenizer.ggml.bos_token_id", .unsigned(1)),
      ("tokenizer.ggml.eos_token_id", .unsigned(2)),
      ("tokenizer.ggml.unknown_token_id", .unsigned(0)),
      ("tokenizer.ggml.padding_token_id", .unsigned(2)),
      ("tokenizer.ggml.add_bos_token", .bool(false)),
      ("tokenizer.ggml.add_space_prefix", .bool(false)),
      ("tokenizer.chat_template", .string(Self.chatML)),
    ]
  }

  /// The plain ChatML template.
  package static let chatML =
    "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] "
    + "+ '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}"
    + "{{ '<|im_start|>assistant\n' }}{% endif %}"
}
