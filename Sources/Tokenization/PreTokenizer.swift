/// How a byte-level vocabulary cuts a text into words before it merges bytes within each word.
package struct PreTokenizer: Hashable, Sendable {
  /// The passes, each of which cuts the words of the one before.
  let splitters: [Splitter]
  /// Whether a word that is a token as a whole is taken as it is, whatever the merges say.
  let takesWholeWords: Bool
  /// Whether a text begins with the BOS token when the file does not say.
  let addsBOS: Bool

  /// The pre-tokenizer that `tokenizer.ggml.pre` names, or nil for an unknown name.
  ///
  /// The names that share an expression are those of llama.cpp (`src/llama-vocab.cpp`).
  package init?(named name: String) {
    switch name {
    case "smollm", "starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b",
      "mellum2":
      self.init(.eachNumber, .gpt2)
    case "gpt-2", "phi-2", "jina-es", "jina-de", "jina-v2-es", "jina-v2-de", "gigachat", "a.x-4.0",
      "mellum", "modern-bert", "mpt", "olmo", "jais", "trillion", "granite-docling", "exaone4":
      self.init(.gpt2)
    case "llama3", "llama-v3", "llama-bpe", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2",
      "jina-v5-nano":
      self.init(.llama3(digits: 3), takesWholeWords: true, addsBOS: true)
    case "glm4", "glm5":
      self.init(.llama3(digits: 3), takesWholeWords: true)
    case "dbrx", "smaug-bpe", "chatglm-bpe":
      self.init(.llama3(digits: 3))
    case "qwen2", "deepseek-r1-qwen", "kormo", "f2llmv2", "stablelm2", "megrez", "hunyuan",
      "solar-open", "grok-2":
      self.init(.llama3(digits: 1))
    case "minicpm5":
      self.init(.numberTriples, .llama3(digits: .max), takesWholeWords: true)
    case "gpt-4o", "llama4", "kanana2", "talkie":
      self.init(.cased(digits: 3, contractions: true))
    case "tekken":
      self.init(.cased(digits: 1, contractions: false), takesWholeWords: true, addsBOS: true)
    case "falcon":
      self.init(.punctuation(grave: true), .gpt2, .digitTriples)
    case "default":
      self.init(.punctuation(grave: false), .gpt2, .numbers, .digitTriples)
    default:
      return nil
    }
  }

  private init(_ splitters: Splitter..., takesWholeWords: Bool = false, addsBOS: Bool = false) {
    self.splitters = splitters
    self.takesWholeWords = takesWholeWords
    self.addsBOS = addsBOS
  }

  /// The words of `text`, in order; together they are the text.
  package func words(of text: String) -> [String] {
    let bytes = Array(text.utf8)
    let scalars = ScalarText(bytes[...])
    return words(of: scalars).map { String(decoding: bytes[scalars.bytes(of: $0)], as: UTF8.self) }
  }

  /// The words of `text` as ranges of scalars, in order and without gaps.
  func words(of text: ScalarText) -> [Range<Int>] {
    var words = text.scalars.isEmpty ? [] : [0..<text.scalars.count]
    for splitter in splitters {
      var finer: [Range<Int>] = []
      finer.reserveCapacity(max(words.count, text.scalars.count / 4))
      for word in words { splitter.split(word, of: text, into: &finer) }
      words = finer
    }
    return words
  }
}
