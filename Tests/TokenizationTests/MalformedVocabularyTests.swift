import GGUF
import Testing
import Tokenization

@Suite struct MalformedVocabularyTests {
  /// The error that a vocabulary gives, as text.
  private func complaint(_ metadata: Metadata) -> String? {
    do throws(TokenizationError) {
      _ = try Tokenizer(metadata: metadata)
      return nil
    } catch {
      return error.description
    }
  }

  @Test(arguments: [
    ("tokenizer.ggml.pre", "deepseek-llm"), ("tokenizer.ggml.model", "rwkv"),
    ("tokenizer.ggml.model", "bert"),
  ])
  func `an unknown name is refused by key and value`(key: String, name: String) throws {
    var metadata = SmallVocabularies.byteLevel()
    metadata[key] = .string(name)
    let text = try #require(complaint(metadata))
    #expect(text.hasPrefix("\(key) = '\(name)' is not supported: "))
  }

  @Test(arguments: ["model", "tokens", "merges"])
  func `a missing key is named`(name: String) throws {
    var metadata = SmallVocabularies.byteLevel()
    metadata["tokenizer.ggml.\(name)"] = nil
    let text = try #require(complaint(metadata))
    #expect(text.hasPrefix("tokenizer.ggml.\(name) is missing: "))
  }

  @Test(arguments: [
    ("tokens", MetadataValue.string("x")), ("tokens", .array([.integer(1)])),
    ("tokens", .array([])), ("token_type", .array([.integer(1)])), ("pre", .integer(1)),
    ("merges", .array([.string("ab")])), ("merges", .array([.string("a zz")])),
    ("merges", .array([.string("")])), ("merges", .array([.bool(true)])),
    ("bos_token_id", .unsigned(258)), ("eos_token_id", .integer(-7)),
    ("eot_token_id", .unsigned(.max)), ("add_bos_token", .string("yes")),
  ])
  func `a value that does not fit is refused by its key`(
    name: String, value: MetadataValue
  ) throws {
    var metadata = SmallVocabularies.byteLevel()
    metadata["tokenizer.ggml.\(name)"] = value
    #expect(try #require(complaint(metadata)).hasPrefix("tokenizer.ggml.\(name)"))
  }

  @Test func `scores that do not fit are refused`() throws {
    for scores: [MetadataValue] in [[], [.float(1)], [.string("1")]] {
      var metadata = SmallVocabularies.sentencePiece()
      metadata["tokenizer.ggml.scores"] = .array(scores)
      #expect(try #require(complaint(metadata)).hasPrefix("tokenizer.ggml.scores"))
    }
  }

  @Test func `tokens without kinds and ids that mean none are accepted`() throws {
    var metadata = SmallVocabularies.byteLevel()
    metadata["tokenizer.ggml.token_type"] = nil
    metadata["tokenizer.ggml.bos_token_id"] = .unsigned(0xFFFF_FFFF)
    metadata["tokenizer.ggml.add_bos_token"] = .bool(true)
    let tokenizer = try Tokenizer(metadata: metadata)
    #expect(tokenizer.bos == nil)
    #expect(tokenizer.encode("a", addSpecial: true).count == 1)
    #expect(!tokenizer.encode("<|im_end|>").contains { tokenizer.isControl($0) })
    #expect(tokenizer.encode("<|im_end|>", parseSpecial: true).map(tokenizer.isControl) == [true])
  }

  @Test func `texts that differ only in composition stay two tokens`() throws {
    var metadata = SmallVocabularies.sentencePiece()
    for (name, values) in [
      ("tokens", [MetadataValue.string("é"), .string("e\u{301}")]),
      ("token_type", [.integer(1), .integer(1)]), ("scores", [.float(0), .float(0)]),
    ] {
      let key = "tokenizer.ggml.\(name)"
      metadata[key] = .array((metadata[key]?.array ?? []) + values)
    }
    let tokenizer = try Tokenizer(metadata: metadata)
    let composed = try #require(tokenizer.token("\u{E9}"))
    let decomposed = try #require(tokenizer.token("e\u{301}"))
    #expect(composed != decomposed)
    #expect(Array(tokenizer.text(of: decomposed).utf8) == [0x65, 0xCC, 0x81])
  }
}
