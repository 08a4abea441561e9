package import Dials
package import Foundation
package import Tokenization

/// A text as tokens, and what to call it.
package struct CalibrationText: Hashable, Sendable {
  /// The file's name, or what the text is.
  package let name: String
  /// The tokens.
  package let tokens: [TokenID]

  /// A text.
  package init(name: String, tokens: [TokenID]) {
    self.name = name
    self.tokens = tokens
  }

  /// Reads a file: JSON Lines of chats or texts where the name ends in `.jsonl`, else plain text.
  ///
  /// Lines of JSON are taken in an order that the seed gives, up to `tokenLimit` tokens. Chats are
  /// written down with the model's own template, since that is how it will be used.
  package init(
    path: String, tokenizer: Tokenizer, template: ChatTemplate, tokenLimit: Int, seed: UInt64
  ) throws(PruningError) {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw PruningError(
        .cannotRead, place: path, "there is no such file, or it cannot be read.")
    }
    try self.init(
      path: path, data: data, tokenizer: tokenizer, template: template, tokenLimit: tokenLimit,
      seed: seed)
  }

  /// The same from the contents of a file, whose name may end in `.xz` or `.gz` behind its kind.
  package init(
    path: String, data: Data, tokenizer: Tokenizer, template: ChatTemplate, tokenLimit: Int,
    seed: UInt64
  ) throws(PruningError) {
    var name = path.split(separator: "/").last.map(String.init) ?? path
    for packed in [".xz", ".gz"] where name.hasSuffix(packed) { name.removeLast(packed.count) }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw PruningError(
        .badCalibration, place: path,
        "the file is not UTF-8 text. Unpack it first if it is compressed.")
    }
    guard name.hasSuffix(".jsonl") else {
      self.init(name: name, tokens: tokenizer.encode(text))
      return
    }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().filter {
      !$0.element.allSatisfy(\.isWhitespace)
    }
    var generator = SplitMix64(seed: seed)
    var tokens: [TokenID] = []
    for (index, line) in lines.shuffled(using: &generator) where tokens.count < tokenLimit {
      let sample = try CalibrationLine(line, place: "\(path): line \(index + 1)")
      tokens += sample.tokens(tokenizer, template)
    }
    self.init(name: name, tokens: tokens)
  }
}

/// One line of JSON: a chat, or a text.
enum CalibrationLine: Hashable {
  case chat([ChatMessage])
  case text(String)

  /// Reads `{"messages": [{"role": ..., "content": ...}]}`, `{"instruction": ..., "output": ...}` (with
  /// `input` or `context`, and `response` for `output`), `{"prompt": ..., "response": ...}`,
  /// `{"question": ..., "answer": ...}` or `{"text": ...}`.
  init(_ line: some StringProtocol, place: String) throws(PruningError) {
    guard let fields = try? JSONDecoder().decode(Fields.self, from: Data(line.utf8)) else {
      throw PruningError(
        .badCalibration, place: place, "this is not a JSON object with the fields of a chat.")
    }
    if let messages = fields.messages, !messages.isEmpty {
      self = .chat(messages)
      return
    }
    let request = fields.instruction ?? fields.prompt ?? fields.question
    let answer = fields.output ?? fields.response ?? fields.answer ?? fields.completion
    if let request, let answer {
      let parts = [request, fields.input ?? fields.context ?? ""].filter { !$0.isEmpty }
      self = .chat([
        ChatMessage(.user, parts.joined(separator: "\n\n")), ChatMessage(.assistant, answer),
      ])
    } else if let text = fields.text {
      self = .text(text)
    } else {
      throw PruningError(
        .badCalibration, place: place,
        "there is neither a chat nor a text in this line. Give objects with messages, with "
          + "instruction and output, with prompt and response, with question and answer, or with "
          + "text.")
    }
  }

  private struct Fields: Decodable {
    var messages: [ChatMessage]?
    var instruction: String?
    var input: String?
    var context: String?
    var output: String?
    var prompt: String?
    var response: String?
    var completion: String?
    var question: String?
    var answer: String?
    var text: String?
  }

  func tokens(_ tokenizer: Tokenizer, _ template: ChatTemplate) -> [TokenID] {
    switch self {
    case .chat(let messages):
      tokenizer.encode(chat: messages, template: template, addGenerationPrompt: false)
    case .text(let text): tokenizer.encode(text + "\n\n", addSpecial: true)
    }
  }
}
