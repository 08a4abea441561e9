import Dials
import Events
import Reports
import Techniques

extension Statistics {
  /// The numbers as labelled lines; a label is at most six letters.
  package var block: [(label: String, text: String)] {
    var lines: [(label: String, text: String)] = [("TEXT", "\(settings.tag): \(settings.promise)")]
    if let agreed {
      lines.append(("AGREE", "\(agreed) as the whole model"))
      if let agreedEarly { lines.append(("", "\(agreedEarly) of those that left early")) }
    }
    if let weightsRead {
      lines.append(("BYTES", [weightsRead, weightParts].compactMap { $0 }.joined(separator: ": ")))
    }
    if arithmetic != nil { lines.append(("WORK", joined([arithmetic, wrongDrafts]))) }
    let speeds = [
      speed, promptSpeed.map { "prompt \($0)" }, tally.map { "\($0.tokenCount) tokens" },
    ]
    lines.append(("SPEED", tally == nil ? loading ?? joined(speeds) : joined(speeds)))
    if pace != nil || yardstick != nil { lines.append(("PACE", joined([pace, yardstick]))) }
    let spread = tally.flatMap { tally in
      tally.depth(atShare: 0.5).flatMap { half in
        tally.depth(atShare: 0.9).map { "p50 \(half)  p90 \($0)" }
      }
    }
    lines.append(("DEPTH", joined([meanDepth.map { "mean \($0)" }, spread])))
    if let tally, tally.depths.count > 1 { lines.append(("", histogram(tally.depths))) }
    if let feedForwards { lines.append(("BUDGET", feedForwards)) }
    if let sight { lines.append(("REACH", sight)) }
    if let map = map(cells: 40) { lines.append(("", map)) }
    if let drafts, let tally {
      let depth = tally.draftLayers.map { "  from \($0)/\(blocks)" } ?? ""
      let rounds = tally.rounds == 1 ? "1 round" : "\(tally.rounds) rounds"
      lines.append(("DRAFT", "accepted \(drafts)  in \(rounds)\(depth)"))
    }
    if let passes {
      lines.append(("PASS", [passes, guesses].compactMap { $0 }.joined(separator: "  ")))
    }
    if let rest { lines.append(("", rest)) }
    if let settled, let tally {
      let count = tally.settled.values.reduce(0, +)
      lines.append(("LENS", "settles at \(settled), mean of \(count) tokens"))
    }
    return lines
  }

  /// The block as lines of text, for `/stats`: with what the answer was made with, and what is set now where
  /// that is something else.
  package var lines: [String] {
    var lines = block
    if tally != nil { lines.append(("MADE", settings.words)) }
    if tally?.settings != next { lines.append(("NEXT", next.words)) }
    return lines.map { label, text in
      label + String(repeating: " ", count: max(1, 7 - label.count)) + text
    }
  }

  private func joined(_ parts: [String?]) -> String {
    let known = parts.compactMap { $0 }
    return known.isEmpty ? "–" : known.joined(separator: "  ")
  }

  /// `6 ######## 7 #### 30 ##`: a mark for each token, or for several.
  private func histogram(_ counts: [Int: Int]) -> String {
    let most = counts.values.max() ?? 1
    return counts.sorted { $0.key < $1.key }.map { depth, count in
      let bar = most <= 8 ? count : max(1, count * 8 / most)
      return "\(depth) " + String(repeating: "#", count: bar)
    }.joined(separator: " ")
  }
}
