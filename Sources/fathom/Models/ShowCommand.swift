import ArgumentParser
import GGUF
import Models
import Reports

/// `fathom show`: what a model's file says about itself.
struct ShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show what is in a model's file.")

  @Argument(
    help:
      "A path, the name of a known model, or of a file that 'list' shows. The default model if left out."
  )
  var file: String?

  @Flag(help: "Print only where the model lies.")
  var path = false

  func run() async throws {
    try await reportingErrors {
      if path {
        if file == nil { print(ModelFolder().defaultPath.visible) }
        let found = try ModelFolder().resolve(file)
        if file != nil { print(found.visible) }
      } else {
        let card = ModelCard(try GGUFFile(path: try ModelFolder().resolve(file)))
        for line in Self.lines(of: card) { print(line) }
      }
    }
  }

  private static func lines(of card: ModelCard) -> [String] {
    var lines = Table(rows: facts(of: card)).lines
    lines += ["", "tensor types"]
    lines +=
      Table(
        header: ["  TYPE", "TENSORS", "PARAMETERS", "BYTES"],
        rows: card.shares.map {
          [
            "  \($0.type.name)", $0.tensorCount.grouped, $0.elementCount.grouped,
            $0.byteCount.grouped,
          ]
        }
      ).lines
    if let template = card.chatTemplate {
      lines += ["", "chat template", template.visible(keeping: "\n")]
    }
    return lines
  }

  private static func facts(of card: ModelCard) -> [[String]] {
    func number(_ value: Int?) -> String? { value?.grouped }
    let heads = card.size("attention.head_count").map { heads in
      "\(heads) for queries, \(card.size("attention.head_count_kv") ?? heads) for keys and values"
    }
    let tokenizer = card.tokenizer.map { model in
      [model, card.preTokenizer].compactMap(\.self).joined(separator: ", split as ")
    }
    let facts: [(String, String?)] = [
      ("file", card.path),
      (
        "size",
        "\(card.sizeBytes.grouped) bytes (\(card.sizeBytes.megabytes)), GGUF version \(card.version)"
      ),
      ("name", card.name),
      ("architecture", card.architecture),
      ("parameters", card.parameterCount.grouped),
      ("type", card.mainType?.name),
      ("context", number(card.size("context_length"))),
      ("blocks", number(card.size("block_count"))),
      ("width", number(card.size("embedding_length"))),
      ("feed-forward", number(card.size("feed_forward_length"))),
      ("heads", heads),
      ("vocabulary", number(card.vocabularySize)),
      ("output head", card.hasOwnHead ? "its own" : "tied to the embedding"),
      ("tokenizer", tokenizer),
      ("licence", card.licence),
    ]
    return facts.map { [$0.0, $0.1 ?? "not stated"] }
  }
}
