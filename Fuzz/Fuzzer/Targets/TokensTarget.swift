import Dials
import Events
import GGUF
import TestSupport
import Tokenization

extension FuzzTarget {
  /// A text to tokens and back: a byte-level vocabulary with every byte loses nothing, SentencePiece puts one
  /// space in front; no text becomes a control token; pieces of bytes make the text of the whole.
  static let tokens = FuzzTarget(name: "tokens", greatestLength: 96, seeds: seedsOfTokens) {
    bytes in
    var decisions = Decisions(bytes)
    let choice = decisions.byte()
    checkStreaming(decisions.rest)
    let tokenizer = tokenizers[choice % tokenizers.count]
    let text = decisions.text
    let ids = tokenizer.value.encode(text)
    // SentencePiece spells a space as ▁, so that the two are one.
    let spaced = text.isEmpty ? "" : " " + text.replacing("\u{2581}", with: " ")
    let expected = tokenizer.isBytePair ? text : spaced
    claim(
      same(tokenizer.value.decode(ids), expected), "\(tokenizer.name): \(text.debugDescription)")
    claim(!ids.contains(where: tokenizer.value.isControl), "no text becomes a control token")
    checkStreaming(ids.flatMap(tokenizer.value.bytes)[...])
    if let preTokenizer = PreTokenizer(named: tokenizer.name) {
      claim(same(preTokenizer.words(of: text).joined(), text), "the words are the text")
    }
    let special = tokenizer.value.encode(text, parseSpecial: true, addSpecial: true)
    _ = tokenizer.value.decode(special, renderSpecial: true)
    if choice < 128 { return }
    checkChat(
      text, with: tokenizer.value, template: templates[choice % templates.count], choice % 3 + 1)
  }

  /// The beginning of a conversation is the beginning of its tokens.
  private static func checkChat(
    _ text: String, with tokenizer: Tokenizer, template: ChatTemplate, _ count: Int
  ) {
    let half = text.prefix(text.count / 2)
    let messages = [
      ChatMessage(.system, String(half)), ChatMessage(.user, text), ChatMessage(.assistant, "b"),
      ChatMessage(.user, String(half)),
    ]
    let all = tokenizer.encode(chat: messages, template: template, addGenerationPrompt: false)
    let head = tokenizer.encode(
      chat: Array(messages.prefix(count)), template: template, addGenerationPrompt: false)
    let tail = tokenizer.encode(
      chat: messages, template: template, from: count, addGenerationPrompt: false)
    claim(head + tail == all, "\(template.name): the first \(count) of \(messages)")
  }

  /// Bytes in pieces are the text of the whole.
  private static func checkStreaming(_ bytes: ArraySlice<UInt8>) {
    var decoder = StreamingDecoder()
    var text = ""
    var rest = bytes
    var length = 1
    while !rest.isEmpty {
      text += decoder.append(rest.prefix(length))
      claim(decoder.pendingCount < 4, "a character has four bytes at most")
      rest = rest.dropFirst(length)
      length = length % 3 + 1
    }
    text += decoder.flush()
    claim(same(text, String(decoding: bytes, as: UTF8.self)), "\(Array(bytes))")
  }

  private static func same(_ a: String, _ b: String) -> Bool { a.utf8.elementsEqual(b.utf8) }

  private struct Named: Sendable {
    let name: String
    let isBytePair: Bool
    let value: Tokenizer
  }

  private static let tokenizers: [Named] =
    ["gpt-2", "smollm", "llama-bpe", "qwen2", "falcon", "default"].compactMap { name in
      let metadata = SmallVocabulary.byteLevel(preTokenizer: name, isWhole: true)
      return (try? Tokenizer(metadata: metadata)).map {
        Named(name: name, isBytePair: true, value: $0)
      }
    }
    + [SmallVocabulary.sentencePiece(isWhole: true)].compactMap { metadata in
      (try? Tokenizer(metadata: metadata)).map {
        Named(name: "llama", isBytePair: false, value: $0)
      }
    }

  private static let templates: [ChatTemplate] = [
    .chatML(defaultSystem: nil), .chatML(defaultSystem: "c"), .llama2, .llama3(preamble: nil),
    .llama3(preamble: "d"), .zephyr(end: "</s>"), .mistral(.original), .mistral(.v1), .mistral(.v3),
    .mistral(.v3Tekken), .gemma, .raw,
  ]

  @Sendable private static func seedsOfTokens() -> [[UInt8]] {
    let texts = [
      "Hello, world! It's 12345 o'clock.\n\n  def f(x):\n\treturn x\r\n", "日本語 e\u{301} 👩‍👩‍👧 ١٢٣ Ⅷ",
      "<|im_start|>user\n</s> [INST] <0x0A> ▁▁", "   \u{a0}\u{2003} \u{85}'LL 'Ll´`^$",
    ]
    return texts.indices.map { [UInt8($0)] + Array(texts[$0].utf8) }
      + texts.indices.map { [UInt8(200 + $0)] + Array(texts[$0].utf8) }
      + [[6] + Array(texts[1].utf8), [6, 0xE2, 0x96, 0xF0, 0x9F, 0xED, 0xA0, 0x80, 0xFF]]
  }
}
