import ArgumentParser
import Dials
import Techniques

/// The command line that gives an answer again.
enum Repro {
  /// `fathom run` with every option that differs from its default.
  static func line(_ model: ModelOptions, _ answer: AnswerOptions, _ prompt: String) -> String {
    let usual = AnswerOptions.usual
    var words = ["fathom", "run"]
    func add(_ name: String, _ value: (some CustomStringConvertible)?) {
      if let value { words += [name, quoted(value.description)] }
    }
    add("-m", model.model)
    add("--adapter", model.adapter)
    add("-c", model.contextSize)
    add("-sys", answer.system)
    if answer.raw { words.append("--raw") }
    add("-n", answer.tokenLimit)
    add("--temp", answer.temperature)
    add("--top-k", answer.topK == usual.topK ? nil : answer.topK)
    add("--top-p", answer.topP == usual.topP ? nil : answer.topP)
    add("--min-p", answer.minP == usual.minP ? nil : answer.minP)
    add(
      "--repeat-penalty",
      answer.repeatPenalty == usual.repeatPenalty ? nil : answer.repeatPenalty)
    add("--repeat-last-n", answer.repeatLastN == usual.repeatLastN ? nil : answer.repeatLastN)
    add("--seed", answer.seed)
    add("--exit-policy", answer.exitPolicy == "off" ? nil : answer.exitPolicy)
    add("--mode", answer.mode == .identical ? nil : answer.mode.rawValue)
    add("--short-head", answer.shortHead)
    add("--fill", answer.fill == usual.fill ? nil : answer.fill.rawValue)
    add("--draft", answer.draft == usual.draft ? nil : answer.draft)
    add("--prune-blocks", answer.pruned == "none" ? nil : answer.pruned)
    add("--window", answer.reach.line)
    add("-p", prompt)
    return words.joined(separator: " ")
  }

  private static func quoted(_ text: String) -> String {
    let isPlain = text.allSatisfy { $0.isLetter || $0.isNumber || "-_./:=,+%@".contains($0) }
    if isPlain && !text.isEmpty { return text }
    return "'" + text.replacing("'", with: "'\\''") + "'"
  }
}

extension AnswerOptions {
  /// The defaults, as an empty command line gives them.
  static let usual: AnswerOptions = {
    guard let options = try? AnswerOptions.parse([]) else {
      preconditionFailure("an empty command line is valid")
    }
    return options
  }()
}
