package import Dials
import Foundation
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

  /// Reads a file, which may be packed: JSON Lines of chats or texts where its name ends in `.jsonl`, else
  /// plain text.
  ///
  /// Lines of JSON are taken in an order that the seed gives, up to `tokenLimit` tokens. Chats are
  /// written down with the model's own template, since that is how it will be used.
  package init(
    path: String, tokenizer: Tokenizer, template: ChatTemplate, tokenLimit: Int, seed: UInt64
  ) async throws(CorpusError) {
    let data = try await PackedFile.contents(of: path)
    name = PackedFile.unpackedName(of: path)
    guard let text = String(validating: data, as: UTF8.self) else {
      throw CorpusError(
        .unusable, place: path,
        "the file is not UTF-8 text. Unpack it first if it is compressed.")
    }
    guard name.hasSuffix(".jsonl") else {
      tokens = tokenizer.encode(text)
      return
    }
    var generator = SplitMix64(seed: seed)
    var tokens: [TokenID] = []
    for line in JSONLine.all(in: data).shuffled(using: &generator) where tokens.count < tokenLimit {
      switch try Self.row(line, of: path) {
      case .conversation(let messages):
        tokens += tokenizer.encode(
          chat: messages, template: template, addGenerationPrompt: false)
      case .text(let text): tokens += tokenizer.encode(text + "\n\n", addSpecial: true)
      }
    }
    self.tokens = tokens
  }

  /// A line as it calibrates: any messages, a request with an answer, or a text, which may be empty.
  private static func row(_ line: JSONLine, of path: String) throws(CorpusError) -> DataRow {
    let place = "\(path): line \(line.number)"
    do {
      let fields = try line.fields
      if let messages = fields.messages, !messages.isEmpty {
        return .conversation(try DataRow.messages(messages))
      }
      if let request = fields.request, let answer = fields.answer {
        return .conversation([ChatMessage(.user, request), ChatMessage(.assistant, answer)])
      }
      if let text = fields.text { return .text(text) }
    } catch {
      throw CorpusError(
        .badRow, place: place, "this is not a JSON object with the fields of a chat.")
    }
    throw CorpusError(
      .badRow, place: place,
      "there is neither a chat nor a text in this line. Give objects with messages, with "
        + "instruction and output, with prompt and response, with question and answer, or with "
        + "text.")
  }
}
