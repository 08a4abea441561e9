import Dials
package import Events
import Reports
import Techniques

/// What a record says of one word, in words: for a page, a table and lines of text.
package struct WordFacts: Hashable, Sendable {
  private let token: TokenRecord
  private let probe: ProbeRecord?

  /// The facts about a token, with the look through the lens at it, if there was one.
  package init(_ token: TokenRecord, probe: ProbeRecord?) {
    (self.token, self.probe) = (token, probe)
  }

  /// Blocks of the model.
  package var blockCount: Int { token.depth.marks.count }

  /// Where it left, and why: `left after 19 of 30: ...`, or `ran all 30`.
  package var depth: String {
    guard var reason = token.exit.left else {
      let ran = token.depth.executedCount
      return ran == blockCount ? "ran all \(blockCount)" : "ran \(ran) of \(blockCount)"
    }
    reason.confidence = Float(token.confidence)
    let why = Catalogue.explanation(of: reason) { Numbers.probability(Double($0)) }
    return "left after \(token.depth.reached) of \(blockCount)\(why)"
  }

  /// How sure it was: `.97`.
  package var sure: String { Numbers.probability(token.confidence) }

  /// What gates and looks on the way said; nil where none was asked.
  package var looks: String? {
    func number(_ value: Float) -> String { Numbers.probability(Double(value)) }
    let exit = token.exit
    var words: [(depth: Int, text: String)] = []
    for gate in exit.gates ?? [] {
      let least = gate.least.map { " \(gate.value < $0 ? "<" : "≥") \(number($0))" } ?? ""
      words.append((gate.depth, "gate at \(gate.depth) \(number(gate.value))\(least)"))
    }
    for look in exit.readouts where look.depth != exit.layers || exit.left == nil {
      let needed = look.needed.map { ", needs \(number($0))" } ?? ""
      words.append((look.depth, "at \(look.depth) \(number(look.probability))\(needed)"))
    }
    if words.isEmpty { return nil }
    return words.sorted { $0.depth < $1.depth }.map(\.text).joined(separator: ", ")
  }

  /// What became of a guess; nil where there was none.
  package var guess: String? {
    guard let spec = token.spec else { return nil }
    switch spec.status {
    case .accepted: return "guessed, and right"
    case .rejected: return "guessed, and wrong"
    case .corrected: return "stands where a guess was wrong"
    case .bonus: return "came free behind right guesses"
    default: return spec.status.rawValue
    }
  }

  /// From which block on the lens knew it; nil where it has not looked.
  package var known: String? { probe.map { "known from block \($0.settled) on" } }

  /// The most probable tokens, each with its probability.
  package var choices: [(token: String, probability: Double)] {
    token.topLogprobs.map { ($0.token, Numbers.exponential(Double($0.logprob))) }
  }

  /// What the lens saw, deepest first: blocks, the token that would have been said there, and how sure.
  package var staircase: [(blocks: String, token: String, probability: Double)] {
    (probe.map(InspectorView.runs(of:)) ?? []).map { run in
      (
        run.first == run.last ? "\(run.last)" : "\(run.first)-\(run.last)", run.token,
        run.probability
      )
    }
  }

  /// All of it as lines of text.
  package var lines: [String] {
    var lines = ["Word \(token.quoted.visible): \(depth), sure \(sure)"]
    if let looks { lines.append("  on the way: \(looks)") }
    if let guess { lines.append("  \(guess)") }
    if !choices.isEmpty {
      lines.append(
        "  most probable: "
          + choices.map { "\"\($0.token.visible)\" \(Numbers.probability($0.probability))" }
          .joined(separator: ", "))
    }
    if let known {
      lines.append("  the lens: \(known)")
      for step in staircase {
        lines.append(
          "    after \(step.blocks): \"\(step.token.visible)\" "
            + Numbers.probability(step.probability))
      }
    }
    return lines
  }
}
