import GGUF
import Reports

extension ModelCard {
  /// What the file says, in lines for people.
  package var lines: [String] {
    var lines = Table(rows: facts).lines
    lines += ["", "tensor types"]
    lines +=
      Table(
        header: ["  TYPE", "TENSORS", "PARAMETERS", "BYTES"],
        rows: shares.map {
          [
            "  \($0.type.name)", $0.tensorCount.grouped, $0.elementCount.grouped,
            $0.byteCount.grouped,
          ]
        }
      ).lines
    if let template = chatTemplate {
      lines += ["", "chat template", template.visible(keeping: "\n")]
    }
    return lines
  }

  private var facts: [[String]] {
    func number(_ value: Int?) -> String? { value?.grouped }
    let heads = size("attention.head_count").map { heads in
      "\(heads) for queries, \(size("attention.head_count_kv") ?? heads) for keys and values"
    }
    let splitter = tokenizer.map { model in
      [model, preTokenizer].compactMap(\.self).joined(separator: ", split as ")
    }
    let facts: [(String, String?)] = [
      ("file", path),
      (
        "size",
        "\(sizeBytes.grouped) bytes (\(sizeBytes.megabytes)), GGUF version \(version)"
      ),
      ("name", name),
      ("architecture", architecture),
      ("parameters", parameterCount.grouped),
      ("type", mainType?.name),
      ("context", number(size("context_length"))),
      ("blocks", number(size("block_count"))),
      ("width", number(size("embedding_length"))),
      ("feed-forward", number(size("feed_forward_length"))),
      ("heads", heads),
      ("vocabulary", number(vocabularySize)),
      ("output head", hasOwnHead ? "its own" : "tied to the embedding"),
      ("tokenizer", splitter),
      ("licence", licence),
    ]
    return facts.map { [$0.0, $0.1 ?? "not stated"] }
  }
}
