import ArgumentParser
import Dials
import Files
import GGUF
import Models
import Reports
import Tokenization

/// `fathom tokenize`: text to tokens.
struct TokenizeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenize",
    abstract: "Show the tokens of the text on the standard input.",
    discussion:
      "One line per token: its id and its text. Special tokens such as <|im_end|> count as one.")

  @Option(
    name: [.short, .long], help: "The model whose vocabulary is used, as for 'show'.",
    completion: Completions.models)
  var model: String?

  @OptionGroup var hub: HubOptions

  @Flag(help: "Print the ids alone, as one line of JSON.")
  var json = false

  @Flag(name: .customLong("no-parse-special"), help: "Read special tokens as plain text.")
  var readsSpecialAsText = false

  @Flag(name: .customLong("no-bos"), help: "Do not begin and end the text as the file says.")
  var leavesOutBOS = false

  func validate() throws { try hub.check(beside: model) }

  func run() async throws {
    try await reportingErrors {
      let model = try await hub.fetched() ?? model
      let file = try GGUFFile(path: try ModelFolder().resolve(model))
      let tokenizer = try Tokenizer(metadata: file.metadata)
      let tokens = tokenizer.encode(
        try InputFile.text(nil), parseSpecial: !readsSpecialAsText,
        addSpecial: !leavesOutBOS)
      if json {
        try say(#"{"ids":["# + tokens.map { String($0.index) }.joined(separator: ",") + "]}")
      } else {
        let lines = tokens.map { Self.line(for: $0, of: tokenizer) + "\n" }
        try StandardStreams.write(lines.joined())
      }
    }
  }

  /// `   504 -> 'The'`
  private static func line(for token: TokenID, of tokenizer: Tokenizer) -> String {
    let id = String(token.index)
    let padding = String(repeating: " ", count: max(0, 6 - id.count))
    return "\(padding)\(id) -> '\(tokenizer.bytes(of: token).escaped)'"
  }
}
