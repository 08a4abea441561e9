import Foundation

/// One of the four instruction sets on which LITE was measured.
///
/// Source: Varshney et al., LITE (arXiv 2310.18581): the test sets of Vicuna, Koala, WizardLM and
/// Self-Instruct, each in a file of JSON Lines.
package enum InstructSet: String, CaseIterable, Sendable {
  case vicuna
  case koala
  case wizardlm
  case selfInstruct = "self_instruct"

  /// The fields of all four.
  private struct Row: Decodable {
    struct Instance: Decodable { var input: String? }

    var turns: [String]?
    var prompt: String?
    var instruction: String?
    var wizard: String?
    var instances: [Instance]?

    enum CodingKeys: String, CodingKey {
      case turns, prompt, instruction, instances
      case wizard = "Instruction"
    }

    /// What is asked: of a conversation the first message.
    var text: String? {
      if let text = turns?.first ?? prompt ?? wizard { return text }
      guard let instruction else { return nil }
      let input = instances?.first?.input ?? ""
      return input.isEmpty ? instruction : instruction + "\n\n" + input
    }
  }

  /// The prompts in a folder, each with its number: all of them, or `sample`, evenly spread.
  package func prompts(in folder: String, sample: Int?) throws -> [(number: Int, text: String)] {
    let path = URL(filePath: folder).appending(path: rawValue + ".jsonl").path
    guard let data = FileManager.default.contents(atPath: path) else {
      throw CocoaError(
        .fileReadNoSuchFile,
        userInfo: [
          NSLocalizedDescriptionKey:
            "\(path): there is no such file. --instruct takes a folder with vicuna.jsonl, "
            + "koala.jsonl, wizardlm.jsonl and self_instruct.jsonl."
        ])
    }
    let lines = data.split(separator: UInt8(ascii: "\n"))
    let all = try lines.enumerated().map { number, line -> (number: Int, text: String) in
      guard let text = try? JSONDecoder().decode(Row.self, from: Data(line)).text else {
        throw CocoaError(
          .fileReadCorruptFile,
          userInfo: [
            NSLocalizedDescriptionKey: "\(path): line \(number + 1) holds no instruction."
          ])
      }
      return (number, text)
    }
    return all.spread(sample)
  }
}
