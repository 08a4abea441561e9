import Dials
import GGUF
import TestSupport
import Testing
import Tokenization

@Suite struct ChatEncodingTests {
  private static let templates: [ChatTemplate] =
    [
      .chatML(defaultSystem: nil), .chatML(defaultSystem: "You help."), .llama2,
      .llama3(preamble: nil), .llama3(preamble: "Today.\n\n"), .zephyr(end: "</s>"),
      .mistral(.original), .mistral(.spaced), .mistral(.v1), .mistral(.v3), .mistral(.v3Tekken),
      .gemma, .raw,
    ] + OwnTemplates.all.map { $0.own }
  private static let markers = [
    "<s>", "</s>", "<|im_start|>", "<|im_end|>", "<|begin_of_text|>", "<|start_header_id|>",
    "<|end_header_id|>", "<|eot_id|>", "<bos>", "<start_of_turn>", "<end_of_turn>",
  ]

  /// Vocabularies of both families, with all markers as control tokens and with hardly any.
  private static func tokenizers() throws -> [Tokenizer] {
    let merges = [("\u{10A}", "\u{10A}"), ("h", "i"), ("\u{120}", "hi"), ("\u{10A}", "hi")]
    return try [
      Tokenizer(metadata: SmallVocabularies.byteLevel(control: markers, merges: merges)),
      Tokenizer(metadata: SmallVocabularies.byteLevel(control: [], merges: merges)),
      Tokenizer(metadata: SmallVocabularies.sentencePiece(extra: Array(markers.dropFirst(2)))),
      Tokenizer(metadata: SmallVocabularies.sentencePiece()),
    ]
  }

  private static func randomChat(using generator: inout SeededGenerator) -> [ChatMessage] {
    let words = [
      "hi", " ", "\n", "\n\n", "<s>", "</s>", "<|im_end|>", "<|im_start|>system\n", "[/INST]", "é",
      "<end_of_turn>", "  hi", "ab",
    ]
    let withSystem = Bool.random(using: &generator)
    return (0..<Int.random(in: 1...6, using: &generator)).map { index in
      let role: ChatMessage.Role =
        withSystem && index == 0
        ? .system : (index % 2 == 0) == withSystem ? .assistant : .user
      let count = Int.random(in: 0...5, using: &generator)
      let text = (0..<count).map { _ in words[Int.random(in: words.indices, using: &generator)] }
      return ChatMessage(role, text.joined())
    }
  }

  @Test(arguments: templates)
  func `a conversation that grows, or goes back, has the tokens that it has as a whole`(
    template: ChatTemplate
  ) throws {
    var generator = SeededGenerator(seed: 8)
    for tokenizer in try Self.tokenizers() {
      var tokens = ChatTokens(tokenizer: tokenizer, template: template)
      var chat: [ChatMessage] = []
      for _ in 0..<60 {
        switch Int.random(in: 0...5, using: &generator) {
        case 0: chat = Self.randomChat(using: &generator)
        case 1: chat = Array(chat.dropLast())
        default: chat += Self.randomChat(using: &generator).prefix(2).filter { $0.role != .system }
        }
        let whole = tokenizer.encode(chat: chat, template: template, addGenerationPrompt: true)
        #expect(tokens.prompt(chat).numbers == whole.numbers)
      }
    }
  }

  @Test(arguments: templates)
  func `the tokens of fewer messages begin the tokens of more`(template: ChatTemplate) throws {
    var generator = SeededGenerator(seed: 7)
    for tokenizer in try Self.tokenizers() {
      for _ in 0..<40 {
        let chat = Self.randomChat(using: &generator)
        let whole = tokenizer.encode(chat: chat, template: template, addGenerationPrompt: true)
        for count in 1...chat.count {
          let before = tokenizer.encode(
            chat: Array(chat[..<count]), template: template, addGenerationPrompt: false)
          let after = tokenizer.encode(
            chat: chat, template: template, from: count, addGenerationPrompt: true)
          #expect((before + after).numbers == whole.numbers)
        }
      }
    }
  }

  @Test(arguments: [
    ChatTemplate.chatML(defaultSystem: nil), .llama3(preamble: nil), .zephyr(end: "</s>"), .gemma,
    .mistral(.original), OwnTemplates.chatML.own, OwnTemplates.llama3.own, OwnTemplates.gemma.own,
    OwnTemplates.mistral.own,
  ])
  func `header, answer and end are the tokens of an assistant message`(
    template: ChatTemplate
  ) throws {
    let chat = [ChatMessage(.user, "hi")]
    for answer in ["hi", "hi hi", "ab", "é"] {
      for tokenizer in try Self.tokenizers().prefix(2) {
        let asked = tokenizer.encode(chat: chat, template: template, addGenerationPrompt: true)
        let answered = tokenizer.encode(
          chat: chat + [ChatMessage(.assistant, answer)], template: template,
          addGenerationPrompt: false)
        let end = tokenizer.encodeAnswerEnd(template: template)
        #expect((asked + tokenizer.encode(answer) + end).numbers == answered.numbers)
      }
    }
  }

  @Test(arguments: templates)
  func `byte-level tokens of a conversation spell its rendering`(template: ChatTemplate) throws {
    var generator = SeededGenerator(seed: 8)
    for tokenizer in try Self.tokenizers().prefix(2) {
      for _ in 0..<40 {
        let chat = Self.randomChat(using: &generator)
        let tokens = tokenizer.encode(chat: chat, template: template, addGenerationPrompt: true)
        let text = template.render(chat, addGenerationPrompt: true)
        #expect(Array(tokenizer.decode(tokens, renderSpecial: true).utf8) == Array(text.utf8))
      }
    }
  }

  @Test(arguments: templates)
  func `a message brings no control token, whatever it says`(template: ChatTemplate) throws {
    var generator = SeededGenerator(seed: 9)
    for tokenizer in try Self.tokenizers() {
      for _ in 0..<40 {
        let chat = Self.randomChat(using: &generator)
        let harmless = chat.map { ChatMessage($0.role, "x") }
        func control(_ chat: [ChatMessage]) -> [Int] {
          tokenizer.encode(chat: chat, template: template, addGenerationPrompt: true)
            .filter(tokenizer.isControl).numbers
        }
        #expect(control(chat) == control(harmless))
      }
    }
  }

  @Test(arguments: templates)
  func `BOS comes first exactly once where file or template want it`(
    template: ChatTemplate
  ) throws {
    let tokenizer = try Tokenizer(
      metadata: SmallVocabularies.sentencePiece(extra: Array(Self.markers.dropFirst(2))))
    let chat = [ChatMessage(.user, "hi")]
    let tokens = tokenizer.encode(chat: chat, template: template, addGenerationPrompt: true)
    #expect(tokens.first == tokenizer.bos)
    #expect(tokens.filter { $0 == tokenizer.bos }.count == 1)
    let rest = tokenizer.encode(
      chat: chat, template: template, from: 1, addGenerationPrompt: true)
    #expect(!rest.contains { $0 == tokenizer.bos })
  }

  @Test(.needsModel)
  func `a conversation of the default model has the tokens of its rendering`() throws {
    let tokenizer = try #require(RealVocabularies.smol)
    let template = ChatTemplate.chatML(defaultSystem: "You help.")
    let chat = [
      ChatMessage(.user, "What is the capital of Australia?"),
      ChatMessage(.assistant, "The capital of Australia is Canberra."),
      ChatMessage(.user, "And of Austria?"),
    ]
    let text = template.render(chat, addGenerationPrompt: true)
    // Texts that begin with a letter: no token reaches across the line end of a header.
    #expect(
      tokenizer.encode(chat: chat, template: template, addGenerationPrompt: true).numbers
        == tokenizer.encode(text, parseSpecial: true).numbers)
  }
}
