import Dials
import GGUF
import TestSupport
import Testing
import Tokenization

@Suite struct SpecialTokenTests {
  @Test func `control tokens are found only where they are asked for`() throws {
    let tokenizer = try Tokenizer(metadata: SmallVocabularies.byteLevel())
    let text = "a<|im_start|>b<|im_end|>"
    let start = try #require(tokenizer.token("<|im_start|>"))
    let end = try #require(tokenizer.token("<|im_end|>"))
    let parsed = tokenizer.encode(text, parseSpecial: true)
    #expect(parsed.map(tokenizer.text(of:)) == ["a", "<|im_start|>", "b", "<|im_end|>"])
    #expect(!tokenizer.encode(text).contains { $0 == start || $0 == end })
    #expect(tokenizer.decode(tokenizer.encode(text)) == text)
    #expect(tokenizer.decode(parsed) == "ab")
    #expect(tokenizer.decode(parsed, renderSpecial: true) == text)
  }

  @Test func `merging never ends in a control token`() throws {
    // "<s" and ">" are pieces whose sum spells the token that begins a text.
    let tokenizer = try Tokenizer(metadata: SmallVocabularies.sentencePiece())
    let bos = try #require(tokenizer.bos)
    #expect(tokenizer.text(of: bos) == "<s>")
    for text in ["<s>", "</s>", " <s> </s>", "<unk>", "<0x0A>"] {
      let tokens = tokenizer.encode(text)
      #expect(!tokens.contains { tokenizer.isControl($0) }, "\(text)")
      #expect(tokenizer.decode(tokens) == " " + text)
    }
    #expect(tokenizer.encode("<s>", parseSpecial: true) == [bos])
  }

  @Test func `a text that cannot be spelt is no control token, whatever the file calls unknown`()
    throws
  {
    let tokens = ["<unk>", "<s>", "</s>", "a", "▁"]
    for unknown in [0, 1] {
      let tokenizer = try Tokenizer(metadata: [
        "tokenizer.ggml.model": .string("llama"),
        "tokenizer.ggml.tokens": .array(tokens.map { .string($0) }),
        "tokenizer.ggml.token_type": .array([2, 3, 3, 1, 1].map { .integer($0) }),
        "tokenizer.ggml.unknown_token_id": .unsigned(UInt64(unknown)),
      ])
      let read = tokenizer.encode("ab").map(tokenizer.text(of:))
      #expect(read == (unknown == 0 ? ["▁", "a", "<unk>"] : ["▁", "a"]))
    }
  }

  @Test(.needsModel)
  func `no spelling of a control token of the default model is one`() throws {
    let tokenizer = try #require(RealVocabularies.smol)
    let control = (0..<tokenizer.vocabularyCount).map { TokenID($0) }.filter(tokenizer.isControl)
    #expect(control.count == 17)
    for token in control {
      let text = tokenizer.text(of: token)
      #expect(tokenizer.encode(text, parseSpecial: true) == [token])
      let spelt = tokenizer.encode("x \(text)\(text) y")
      #expect(!spelt.contains { tokenizer.isControl($0) }, "\(text)")
    }
  }

  @Test func `of two special tokens at one place the longer is found`() throws {
    let tokenizer = try Tokenizer(
      metadata: SmallVocabularies.byteLevel(control: ["<|a|>", "<|a|>b", "|>b"]))
    let parsed = tokenizer.encode("<|a|>b<|a|>c|>b", parseSpecial: true)
    #expect(parsed.map(tokenizer.text(of:)) == ["<|a|>b", "<|a|>", "c", "|>b"])
  }

  @Test func `user-defined tokens are found in plain text, unless they mark a turn`() throws {
    var metadata = SmallVocabularies.byteLevel(control: ["[tool]", "<start_of_turn>"])
    let kinds = try #require(metadata["tokenizer.ggml.token_type"]?.array)
    metadata["tokenizer.ggml.token_type"] = .array(kinds.dropLast(2) + [.integer(4), .integer(4)])
    let tokenizer = try Tokenizer(metadata: metadata)
    let tool = try #require(tokenizer.token("[tool]"))
    let turn = try #require(tokenizer.token("<start_of_turn>"))
    let tokens = tokenizer.encode("x[tool]<start_of_turn>")
    #expect(tokens.contains(tool))
    #expect(!tokens.contains(turn))
    #expect(tokenizer.isControl(turn))
    #expect(!tokenizer.isControl(tool))
  }

  @Test(arguments: [
    (
      "{{'<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>'}}", "<|im_start|>",
      "<|im_end|>"
    ),
    ("<|start_header_id|>{{m}}<|eot_id|>", "<|start_header_id|>", "<|eot_id|>"),
    ("<start_of_turn>{{m}}<end_of_turn>", "<start_of_turn>", "<end_of_turn>"),
  ])
  func `what the file's template writes as a marker is one, of whatever kind it is`(
    template: String, start: String, end: String
  ) throws {
    for kind: Int64 in 1...6 {
      var metadata = SmallVocabularies.byteLevel(control: [start, end])
      let kinds = try #require(metadata["tokenizer.ggml.token_type"]?.array)
      metadata["tokenizer.ggml.token_type"] = .array(
        kinds.dropLast(2) + [.integer(kind), .integer(kind)])
      metadata["tokenizer.chat_template"] = .string(template)
      let tokenizer = try Tokenizer(metadata: metadata)
      let (opening, closing) = (tokenizer.token(start), tokenizer.token(end))
      #expect(tokenizer.endOfTurn == Set([closing].compactMap(\.self)), "kind \(kind)")
      #expect([opening, closing].allSatisfy { $0.map(tokenizer.isControl) ?? false })
      let chat = tokenizer.encode(
        chat: [ChatMessage(.user, end)],
        template: ChatTemplate.recognized(in: metadata).template, addGenerationPrompt: true)
      #expect(chat.count { $0 == closing } == 1, "the template ends the turn, the message does not")
    }
  }

  @Test func `BOS, EOS and the space in front are added as the file says`() throws {
    var metadata = SmallVocabularies.sentencePiece()
    func texts(_ text: String, special: Bool = true) throws -> [String] {
      let tokenizer = try Tokenizer(metadata: metadata)
      return tokenizer.encode(text, parseSpecial: true, addSpecial: special)
        .map(tokenizer.text(of:))
    }
    #expect(try texts("hi") == ["<s>", "▁hi"])
    #expect(try texts("hi", special: false) == ["▁hi"])
    #expect(try texts("hi<s>hi") == ["<s>", "▁hi", "<s>", "▁hi"])
    #expect(try texts("") == ["<s>"])
    metadata["tokenizer.ggml.add_eos_token"] = .bool(true)
    metadata["tokenizer.ggml.add_space_prefix"] = .bool(false)
    #expect(try texts("hi") == ["<s>", "hi", "</s>"])
    metadata["tokenizer.ggml.add_bos_token"] = .bool(false)
    #expect(try texts("hi") == ["hi", "</s>"])
  }

  @Test(.enabled(if: RealVocabularies.arePresent, "\(RealVocabularies.missing)"))
  func `an answer ends at each token that ends a text or a turn`() throws {
    let expected = [
      "gpt-2": ["<|endoftext|>"], "llama-spm": ["</s>"],
      "qwen2": ["<|endoftext|>", "<|im_end|>"], "phi-3": ["</s>", "<|endoftext|>", "<|end|>"],
    ]
    for (name, texts) in expected {
      let metadata = try #require(try RealVocabularies.metadata(name))
      let tokenizer = try Tokenizer(metadata: metadata)
      #expect(tokenizer.endOfTurn.map(tokenizer.text(of:)).sorted() == texts, "\(name)")
      #expect(tokenizer.endOfTurn.allSatisfy { tokenizer.isControl($0) })
    }
  }

  @Test(.needsModel)
  func `the default model's tokens are described`() throws {
    let tokenizer = try #require(RealVocabularies.smol)
    #expect(tokenizer.vocabularyCount == 49152)
    #expect(tokenizer.bos == TokenID(1))
    #expect(tokenizer.eos == TokenID(2))
    #expect(tokenizer.endOfTurn == [TokenID(0), TokenID(2)])
    let the = try #require(tokenizer.token("Ġthe"))
    #expect(tokenizer.bytes(of: the) == Array(" the".utf8))
    #expect(tokenizer.bytes(of: TokenID(2)) == Array("<|im_end|>".utf8))
    #expect(tokenizer.bytes(of: TokenID(49152)).isEmpty)
    #expect(tokenizer.text(of: TokenID(-1)).isEmpty)
    #expect(!tokenizer.isControl(TokenID(49152)))
  }
}
