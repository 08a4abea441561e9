import GGUF

/// The vocabulary of a GGUF file in the form of Hugging Face's `tokenizers`: tokenizer.json and
/// tokenizer_config.json.
///
/// Byte-level BPE only. Source of the forms: the tokenizer.json of the models that
/// `tokenizer.ggml.pre` names.
struct HuggingFaceTokenizer {
  private let metadata: Metadata
  private let tokens: [String]

  init(metadata: Metadata) {
    self.metadata = metadata
    tokens = metadata["tokenizer.ggml.tokens"]?.array?.map { $0.string ?? "" } ?? []
  }

  /// The special tokens' ids, for config.json and generation_config.json.
  var specialIDs: [String: JSON] {
    var ids: [String: JSON] = [:]
    for (key, name) in Self.roles {
      if let id = metadata["tokenizer.ggml.\(key)_token_id"]?.int, tokens.indices.contains(id) {
        if name != "unk" { ids["\(name)_token_id"] = .integer(id) }
      }
    }
    return ids
  }

  /// tokenizer_config.json.
  var config: JSON {
    var fields: [String: JSON] = [
      "tokenizer_class": .string("PreTrainedTokenizerFast"),
      "clean_up_tokenization_spaces": .bool(false),
    ]
    for (key, name) in Self.roles {
      if let id = metadata["tokenizer.ggml.\(key)_token_id"]?.int, tokens.indices.contains(id) {
        fields["\(name)_token"] = .string(tokens[id])
      }
    }
    if let template = metadata["tokenizer.chat_template"]?.string {
      fields["chat_template"] = .string(template)
    }
    let family = metadata["general.architecture"]?.string ?? ""
    if let length = metadata["\(family).context_length"]?.int {
      fields["model_max_length"] = .integer(length)
    }
    return .object(fields)
  }

  private static let roles = [
    ("bos", "bos"), ("eos", "eos"), ("unknown", "unk"), ("padding", "pad"),
  ]

  /// tokenizer.json; nil for a vocabulary of another kind.
  var model: JSON? {
    guard metadata["tokenizer.ggml.model"]?.string == "gpt2", let preTokenizer,
      let merges = metadata["tokenizer.ggml.merges"]?.array
    else { return nil }
    let vocabulary = Dictionary(
      tokens.enumerated().map { ($1, JSON.integer($0)) }, uniquingKeysWith: { first, _ in first })
    return .object([
      "version": .string("1.0"), "added_tokens": .list(addedTokens),
      "pre_tokenizer": preTokenizer, "post_processor": postProcessor,
      "decoder": byteLevel(usesExpression: true),
      "model": .object([
        "type": .string("BPE"), "vocab": .object(vocabulary),
        "merges": .list(merges.compactMap { $0.string.map { .string($0) } }),
        "fuse_unk": .bool(false), "byte_fallback": .bool(false),
        "ignore_merges": .bool(takesWholeWords),
      ]),
    ])
  }

  /// Control tokens (3) and those found before any merging (4).
  private var addedTokens: [JSON] {
    let kinds = metadata["tokenizer.ggml.token_type"]?.array ?? []
    return zip(tokens, kinds).enumerated().compactMap { id, pair in
      guard let kind = pair.1.int, kind == 3 || kind == 4 else { return nil }
      return .object([
        "id": .integer(id), "content": .string(pair.0), "special": .bool(kind == 3),
        "single_word": .bool(false), "lstrip": .bool(false), "rstrip": .bool(false),
        "normalized": .bool(false),
      ])
    }
  }

  // MARK: - How a text is cut into words

  private var isLlama3: Bool {
    ["llama3", "llama-v3", "llama-bpe"].contains(metadata["tokenizer.ggml.pre"]?.string ?? "")
  }

  private var takesWholeWords: Bool { isLlama3 }

  private var preTokenizer: JSON? {
    switch metadata["tokenizer.ggml.pre"]?.string {
    case "smollm", "starcoder", "refact", "command-r", "codeshell":
      sequence([
        .object(["type": .string("Digits"), "individual_digits": .bool(true)]),
        byteLevel(usesExpression: true),
      ])
    case "gpt-2", "phi-2", "olmo", "mpt": byteLevel(usesExpression: true)
    case "llama3", "llama-v3", "llama-bpe":
      sequence([split(digits: "{1,3}"), byteLevel(usesExpression: false)])
    case "qwen2", "deepseek-r1-qwen":
      sequence([split(digits: ""), byteLevel(usesExpression: false)])
    default: nil
    }
  }

  private func sequence(_ parts: [JSON]) -> JSON {
    .object(["type": .string("Sequence"), "pretokenizers": .list(parts)])
  }

  private func byteLevel(usesExpression: Bool) -> JSON {
    .object([
      "type": .string("ByteLevel"), "add_prefix_space": .bool(false), "trim_offsets": .bool(true),
      "use_regex": .bool(usesExpression),
    ])
  }

  private func split(digits: String) -> JSON {
    let expression =
      #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"# + digits
      + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
    return .object([
      "type": .string("Split"), "pattern": .object(["Regex": .string(expression)]),
      "behavior": .string("Isolated"), "invert": .bool(false),
    ])
  }

  /// BOS in front where the file wants it.
  private var postProcessor: JSON {
    let addsBOS = metadata["tokenizer.ggml.add_bos_token"]?.bool ?? isLlama3
    guard addsBOS, let id = metadata["tokenizer.ggml.bos_token_id"]?.int,
      tokens.indices.contains(id)
    else { return byteLevel(usesExpression: true) }
    let bos = JSON.string(tokens[id])
    func piece(_ kind: String, _ id: JSON, _ segment: Int) -> JSON {
      .object([kind: .object(["id": id, "type_id": .integer(segment)])])
    }
    let text = [piece("SpecialToken", bos, 0), piece("Sequence", .string("A"), 0)]
    return .object([
      "type": .string("TemplateProcessing"), "single": .list(text),
      "pair": .list(
        text + [piece("SpecialToken", bos, 1), piece("Sequence", .string("B"), 1)]),
      "special_tokens": .object([
        tokens[id]: .object([
          "id": bos, "ids": .list([.integer(id)]), "tokens": .list([bos]),
        ])
      ]),
    ])
  }
}
