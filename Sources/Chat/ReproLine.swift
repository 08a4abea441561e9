import Dials
package import Events
import Techniques

extension ChatSettings {
  /// The command line that gives the answer to `prompt` again: `fathom run` with every option that
  /// differs from its default.
  /// `repair` is the method of the repair in use, if one is.
  package func reproLine(
    model: ModelReference, prompt: String, repair: String? = nil
  ) -> String {
    let usual = ChatSettings()
    var words = ["fathom", "run"]
    func add(_ name: String, _ value: (some CustomStringConvertible)?) {
      if let value { words += [name, Self.quoted(value.description)] }
    }
    func add<Value: Equatable>(
      _ name: String, _ value: KeyPath<ChatSettings, Value>, as text: String
    ) {
      if self[keyPath: value] != usual[keyPath: value] { add(name, text) }
    }
    func add(_ parameter: Parameter) {
      let text = sampler.text(of: parameter)
      if text != usual.sampler.text(of: parameter) { add(parameter.flag, text) }
    }
    add("-m", model.model)
    add("--adapter", model.adapter)
    add("--draft-head", model.draftHead)
    add("--duo", model.duo)
    add("-c", model.contextLength)
    add("-sys", system)
    if isRaw { words.append("--raw") }
    add("-n", tokenLimit)
    add("--circle-limit", \.circleLimit, as: "\(circleLimit)")
    add(Parameter.temperature.flag, sampler.temperature)
    for parameter in [Parameter.topK, .topP, .minP, .repeatPenalty, .repeatLastN] { add(parameter) }
    add(Parameter.seed.flag, sampler.seed)
    add("--exit-policy", \.exit, as: exit.words)
    add("--mode", \.mode, as: mode.rawValue)
    add("--short-head", shortHead)
    add("--fill", \.fill, as: fill.rawValue)
    add("--draft", \.draft, as: draft.words)
    add("--prune-blocks", \.pruned, as: pruned.words)
    add("--repair", repair)
    add("--window", reach?.spelling)
    add("--budget", \.budget, as: "\(budget)")
    add("--think", \.thinking, as: thinking.rawValue)
    add("-p", prompt)
    return words.joined(separator: " ")
  }

  private static func quoted(_ text: String) -> String {
    let isPlain = text.allSatisfy { $0.isLetter || $0.isNumber || "-_./:=,+%@".contains($0) }
    if isPlain && !text.isEmpty { return text }
    return "'" + text.replacing("'", with: "'\\''") + "'"
  }
}

extension Parameter {
  /// The flag of `fathom run` that sets it.
  package var flag: String {
    switch self {
    case .temperature: "--temp"
    case .topK: "--top-k"
    case .topP: "--top-p"
    case .minP: "--min-p"
    case .seed: "--seed"
    case .numPredict: "--predict"
    case .repeatPenalty: "--repeat-penalty"
    case .repeatLastN: "--repeat-last-n"
    }
  }
}
