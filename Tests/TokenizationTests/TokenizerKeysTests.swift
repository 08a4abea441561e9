import GGUF
import TestSupport
import Testing
import Tokenization

struct TokenizerKeysTests {
  @Test func `a key of the tokenizer that is not known is noticed`() {
    var metadata = SmallVocabularies.byteLevel()
    #expect(TokenizerKeys.notice(of: metadata) == nil)
    metadata["tokenizer.ggml.suppress_tokens"] = .array([.integer(7)])
    metadata["tokenizer.ggml.aura"] = .bool(true)
    metadata["tokenizer.chat_template.tool_use"] = .string("other")
    #expect(
      TokenizerKeys.unknown(in: metadata) == [
        "tokenizer.ggml.aura", "tokenizer.ggml.suppress_tokens",
      ])
    #expect(
      TokenizerKeys.notice(of: metadata)?.contains("tokenizer.ggml.aura and 1 more") == true)
  }

  @Test(arguments: [SmallVocabularies.byteLevel(), SmallVocabularies.sentencePiece()])
  func `of what is read, and of what tells nothing of these families, nothing is said`(
    vocabulary: Metadata
  ) {
    let more: Metadata = [
      "tokenizer.ggml.padding_token_id": .unsigned(0),
      "tokenizer.ggml.token_type_count": .unsigned(2),
      "tokenizer.ggml.fim_pre_token_id": .unsigned(3), "tokenizer.ggml.add_sep_token": .bool(false),
      "tokenizer.ggml.remove_extra_whitespaces": .bool(false),
      "tokenizer.ggml.add_bos_token": .bool(true), "tokenizer.chat_template": .string("x"),
    ]
    #expect(TokenizerKeys.notice(of: vocabulary.merging(more) { $1 }) == nil)
    var tiny: Metadata = [:]
    for (key, value) in TinyModel().vocabulary.metadata { tiny[key] = value }
    #expect(TokenizerKeys.notice(of: tiny) == nil)
  }
}
