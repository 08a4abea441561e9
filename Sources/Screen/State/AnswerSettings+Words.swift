import Dials
package import Events
import Reports
package import Techniques

extension AnswerSettings {
  /// The contract's name, as files have it.
  package var tag: String { contract.tag }

  /// What the tag means: a clause for everything that is set and has to do with it.
  package var promise: String {
    let clauses =
      switch contract {
      case .identical: [verification]
      case .window: [sight, guessing].compactMap { $0 }
      case .approximate: changes + [guessing].compactMap { $0 }
      }
    return clauses.joined(separator: "; ")
  }

  /// Why the text is the whole model's.
  private var verification: String {
    let guesses = policy.draft.hasBranches
    var drafters: [String] = []
    if policy.exit != .off && policy.mode == .identical { drafters.append("early exits") }
    if policy.draftsWithBudget { drafters.append("small feed-forwards") }
    guard !drafters.isEmpty else {
      return guesses ? "every block; guesses are verified" : "every block, every token"
    }
    if guesses { drafters.append("guesses") }
    return drafters.joined(separator: " and ") + " only draft, every block verifies"
  }

  /// What makes the text another than the whole model's.
  private var changes: [String] {
    if !policy.isKnown { return ["settings that this version does not know"] }
    var changes: [String] = []
    if let adapter, adapter.changesModel { changes.append("\(adapter.name) changes the model") }
    if !policy.pruned.isEmpty {
      changes.append(
        policy.pruned.count == 1
          ? "block \(policy.pruned) is pruned" : "blocks \(policy.pruned) are pruned")
    }
    if policy.takesExits { changes.append("exits are taken unverified") }
    if policy.takesShortHead { changes.append("a short head decides where it is sure") }
    if policy.takesBudget { changes.append("some feed-forwards are small") }
    if policy.reach.isLimited { changes.append(sight) }
    return changes
  }

  /// What attention sees.
  private var sight: String {
    let reach = policy.reach
    let sinks = reach.sinks > 0 ? "the first \(reach.sinks) and " : ""
    return "attention sees \(sinks)the last \(reach.window) tokens"
  }

  /// What guesses have to do with it.
  private var guessing: String? {
    policy.draft.hasBranches ? "guesses change nothing" : nil
  }

  /// Everything that is set, in a few words each; the most important first in rank, lowest number.
  package var labels: [Label] {
    var labels: [Label] = []
    if let name = preset.name {
      let word = preset.isCertified ? "" : " uncertified"
      labels.append(
        Label(2, "preset \(name)\(word)", preset.isCertified ? .title : .notRun))
    }
    labels.append(
      Label(preset.name == nil ? 2 : 3, policy.exit.label, isQuiet: policy.exit == .off))
    for dial in policy.unknownDials { labels.append(Label(2, dial.label)) }
    if let shortHead = policy.shortHead {
      labels.append(Label(5, "short head \(Numbers.probability(Double(shortHead)))"))
    }
    if let adapter {
      // A built-in adapter is always there and changes nothing by itself.
      let isUsual = adapter.isBuiltIn && !adapter.changesModel
      labels.append(Label(isUsual ? 8 : 4, adapter.label))
    }
    if let label = policy.draftLabel {
      labels.append(Label(4, label, isQuiet: policy.draft == .auto))
    }
    if !policy.pruned.isEmpty { labels.append(Label(3, "pruned \(policy.pruned)", .pruned)) }
    if policy.reach.isLimited { labels.append(Label(3, "window \(policy.reach.window)")) }
    if policy.budget.isOn { labels.append(Label(3, "budget \(policy.budget)")) }
    let heat =
      sampler.temperature == 0 ? "greedy" : "T \(Numbers.fixed(Double(sampler.temperature), 2))"
    labels.append(Label(3, "\(heat) seed \(sampler.seed)"))
    return labels
  }

  /// A few words for one setting.
  package struct Label: Hashable, Sendable {
    /// The lower, the more important.
    package let importance: Int
    /// The words.
    package let text: String
    /// Whether it says only that nothing was changed: the title leaves it out.
    package let isQuiet: Bool
    let role: Role

    init(_ importance: Int, _ text: String, _ role: Role = .detail, isQuiet: Bool = false) {
      self.importance = importance
      self.text = text
      self.role = role
      self.isQuiet = isQuiet
    }
  }

  /// Everything that is set, in full: the line of `/stats`.
  package var words: String {
    var words: [String] = []
    if preset.name != nil { words.append("preset \(preset)") }
    words.append(policy.exit == .off ? "exit off" : "exit \(policy.exit)")
    words += policy.unknownDials.map(\.label)
    if policy.exit != .off || policy.shortHead != nil {
      words.append("mode \(policy.mode.rawValue)")
    }
    if let shortHead = policy.shortHead { words.append("short head \(shortHead)") }
    if policy.contract == .approximate, policy.leavesEarly {
      words.append("fill \(policy.fill.rawValue)")
    }
    words.append(policy.draftLabel ?? "draft off")
    if !policy.pruned.isEmpty { words.append("pruned \(policy.pruned)") }
    if policy.reach.isLimited { words.append("window \(policy.reach.spelling)") }
    if policy.budget.isOn { words.append("budget \(policy.budget)") }
    if let adapter { words.append(adapter.label) }
    words.append(sampler.words)
    return words.joined(separator: ", ")
  }

  /// What is different from `old`, in a few words each.
  package func differences(from old: AnswerSettings) -> [String] {
    var words = Set(old.labels.map(\.text))
    var changes = labels.map(\.text).filter { !words.contains($0) }
    words = Set(labels.map(\.text))
    let gone = old.labels.map(\.text).filter { !words.contains($0) }
    if changes.isEmpty, !gone.isEmpty { changes = gone.map { "no \($0)" } }
    if changes.isEmpty, self != old { changes = ["other settings"] }
    return changes
  }
}

extension SessionRecord.Sampler {
  /// `greedy`, or `T 0.20 top-k 40 top-p 0.9 min-p 0.05, seed 42`.
  var words: String {
    let penalty = repeatPenalty == 1 ? "" : " repeat-penalty \(repeatPenalty) over \(repeatLastN)"
    if temperature == 0 { return "greedy\(penalty), seed \(seed)" }
    return "T \(temperature) top-k \(topK) top-p \(topP) min-p \(minP)\(penalty), seed \(seed)"
  }
}

extension Contract {
  /// The word of files, in capitals.
  package var tag: String { rawValue.uppercased() }

  /// What that means for a reader, as the screen shows it.
  package var words: String {
    switch self {
    case .identical: "SAME TEXT"
    case .window: "WINDOW"
    case .approximate: "MAY DIFFER"
    }
  }

  var role: Role { self == .identical ? .identical : .approximate }
}

extension SessionRecord.Adapter {
  /// A few words for the title: `adapter NAME (built in)`, or `changed by NAME` where it is another
  /// model with it.
  package var label: String {
    (changesModel ? "changed by \(name)" : "adapter \(name)") + (isBuiltIn ? " (built in)" : "")
  }
}

extension DialSettings {
  /// A few words for the title: `draft auto`, `draft 4`; nil when nobody guesses.
  package var draftLabel: String? {
    if draft == .exits {
      return exit != .off && mode == .identical ? "draft \(draftLength)" : nil
    }
    return draft.sources.isEmpty ? nil : "draft \(draft)"
  }
}

extension ExitSetting {
  /// A few words for the title: `exit off`, `exit at 12`, `exit top1>.80 at 10,20`.
  package var label: String { label { Numbers.probability(Double($0)) } }
}
