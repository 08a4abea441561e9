import Foundation

/// One of the four instruction sets on which LITE was measured.
///
/// Source: Varshney et al., LITE (arXiv 2310.18581): the test sets of Vicuna, Koala, WizardLM and
/// Self-Instruct, each in a file of JSON Lines.
package enum InstructSet: String, CaseIterable, Sendable {
  /// Vicuna's test set.
  case vicuna
  /// Koala's test set.
  case koala
  /// WizardLM's test set.
  case wizardlm
  /// Self-Instruct's test set.
  case selfInstruct = "self_instruct"

  /// The prompts in a folder, each with its number from 0: all of them, or `sample`, evenly spread.
  package func prompts(
    in folder: String, sample: Int?
  ) throws(CorpusError) -> [(number: Int, text: String)] {
    let path = URL(filePath: folder).appending(path: rawValue + ".jsonl").path
    guard let data = FileManager.default.contents(atPath: path) else {
      throw CorpusError(
        .unreadable, place: path,
        "there is no such file. --instruct takes a folder with vicuna.jsonl, koala.jsonl, "
          + "wizardlm.jsonl and self_instruct.jsonl.")
    }
    var prompts: [(number: Int, text: String)] = []
    for line in JSONLine.all(in: data) {
      guard let text = try? line.fields.request else {
        throw CorpusError(.badRow, place: path, "line \(line.number) holds no instruction.")
      }
      prompts.append((prompts.count, text))
    }
    return prompts.spread(sample)
  }
}
