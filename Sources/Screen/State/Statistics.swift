import Dials
package import Events
import Reports
import Techniques

/// The numbers of an answer in words: one wording for the panel, `/stats` and plain mode.
package struct Statistics: Hashable, Sendable {
  /// The answer; nil before the first.
  package var tally: AnswerTally?
  /// What is set for the next answer.
  package var next: AnswerSettings
  /// Blocks of the model; nil when no model is known.
  package var blockCount: Int?
  /// How long loading took, if it is known.
  package var load: SessionRecord.Load?

  /// Words for these numbers.
  package init(
    tally: AnswerTally?, next: AnswerSettings, blockCount: Int?, load: SessionRecord.Load? = nil
  ) {
    self.tally = tally
    self.next = next
    self.blockCount = blockCount
    self.load = load
  }

  /// What the answer is made with; before the first, what is set for it.
  package var settings: AnswerSettings { tally?.settings ?? next }

  /// The dials of the answer.
  var policy: DialSettings { settings.policy }

  /// How long loading took; nil where the record does not say.
  package var loading: String? { load?.words }

  /// `38.4 tok/s`.
  package var speed: String? {
    tally?.tokensPerSecond.map { Numbers.fixed($0, 1) + " tok/s" }
  }

  /// `280.1 tok/s`, of the prompt.
  package var promptSpeed: String? {
    tally?.end?.timings.promptPerSecond.map { Numbers.fixed($0, 1) + " tok/s" }
  }

  /// `11.6/30`.
  package var meanDepth: String? {
    tally?.meanDepth.map { Numbers.fixed($0, 1) + "/" + blocks }
  }

  /// `arithmetic 94%`, of the dense model's; wrong drafts included, which are counted apart.
  package var arithmetic: String? {
    tally?.arithmetic.map { "arithmetic \(Numbers.percent($0))" }
  }

  /// `12 wrong drafts`; nil where all came true.
  package var wrongDrafts: String? {
    guard let tally, tally.drafted > tally.accepted else { return nil }
    let count = tally.drafted - tally.accepted
    return count == 1 ? "1 wrong draft" : "\(count) wrong drafts"
  }

  /// `1.43x [1.37, 1.49] as fast as plain (12 passes)`; nil where too few were measured.
  package var pace: String? {
    guard let tally, let ratio = tally.pace.ratio else { return nil }
    return "\(Numbers.fixed(ratio.value, 2))x [\(Numbers.fixed(ratio.lower, 2)), "
      + "\(Numbers.fixed(ratio.upper, 2))] as fast as plain (\(tally.pace.plainCount) passes)"
  }

  /// `yardstick 0.05 s`: what plain passes took that were made beside the text; nil where none was.
  package var yardstick: String? {
    guard let time = tally?.pace.besideMicroseconds, time > 0 else { return nil }
    return "yardstick \(Numbers.fixed(time / 1e6, 2)) s"
  }

  /// `weights read 77%`, of the dense model's.
  package var weightsRead: String? {
    tally?.bytesShare(of: \.total).map { "weights read \(Numbers.percent($0))" }
  }

  /// `blocks 62 head 13 probes 3 fill 1`: what the weights were read for, in percent of the dense model's;
  /// nil where nobody counted.
  package var weightParts: String? {
    guard let tally, tally.bytes != nil else { return nil }
    let parts: [(String, KeyPath<TokenRecord.Bytes, Int>)] = [
      ("blocks", \.blocks), ("head", \.head), ("probes", \.probes), ("fill", \.fill),
    ]
    return parts.compactMap { name, part in
      let share = (tally.bytesShare(of: part) ?? 0) * 100
      return share > 0 ? "\(name) \(Numbers.fixed(share, 1))" : nil
    }.joined(separator: " ")
  }

  /// `big 61% of 890 (budget 60%)`: feed-forwards where routers were asked; nil where none was.
  package var feedForwards: String? {
    guard let tally, policy.budget.isOn, let share = tally.bigShare else { return nil }
    return "big \(Numbers.percent(share)) of \(tally.routedCount) feed-forwards "
      + "(budget \(policy.budget))"
  }

  /// `sees 1040 of 8345 tokens (13%), sinks 31%`: what attention had in sight at the last token; nil where
  /// it sees everything.
  package var sight: String? {
    guard policy.reach.isLimited, let view = tally?.attention else { return nil }
    let all = view.total
    let share = Numbers.percent(Double(view.seen) / Double(max(1, all)))
    let sinks = view.sink.map { ", sinks take \(Numbers.percent(Double($0)))" } ?? ""
    return "sees \(view.seen) of \(all) tokens (\(share))\(sinks)"
  }

  /// The text from its first token to its last, `#` where attention sees it: `#.........####`.
  package func map(cells: Int) -> String? {
    guard policy.reach.isLimited, let view = tally?.attention, view.forgotten > 0, view.total > 0
    else { return nil }
    let last = view.total - 1
    let sinks = policy.reach.sinks(at: last)
    // Where turns leave whole, what was seen says where the window begins.
    let local =
      policy.reach.turns
      ? min(last, max(0, view.total - view.seen + sinks.count))..<view.total
      : policy.reach.local(at: last)
    let marks = (0..<cells).map { cell -> Character in
      // A text of fewer tokens than cells has each of them in several.
      let first = cell * view.total / cells
      let part = first..<max((cell + 1) * view.total / cells, first + 1)
      return part.overlaps(local) || part.overlaps(sinks) ? "#" : "."
    }
    return String(marks)
  }

  /// `117 of 164 (71%)`; nil when nothing was drafted.
  package var drafts: String? {
    guard let tally, tally.drafted > 0 else { return nil }
    let share = Double(tally.accepted) / Double(tally.drafted)
    return "\(tally.accepted) of \(tally.drafted) (\(Numbers.percent(share)))"
  }

  /// `53 of 57: 93.0% [83.0, 98.1]`: tokens that the whole model takes too; nil where it was not asked.
  package var agreed: String? { tally?.agreement?.all.words }

  /// `21 of 25: 84.0% [63.9, 95.5]`: the same of those that left early; nil where none did.
  package var agreedEarly: String? { tally?.agreement?.early.words }

  /// `24.1/30`, where the lens settled on average; nil when it has not looked.
  package var settled: String? {
    tally?.meanSettled.map { Numbers.fixed($0, 1) + "/" + blocks }
  }

  /// Blocks of the model that made the answer, which may be another one than runs now.
  var blocks: String { (tally?.blockCount ?? blockCount).map(String.init) ?? "?" }
}

extension Agreement.Share {
  var words: String? {
    value.map { share in
      let interval = interval
      return "\(agreed) of \(checked): \(Numbers.percent(share, 1)) "
        + "[\(Numbers.fixed(interval.lower * 100, 1)), \(Numbers.fixed(interval.upper * 100, 1))]"
    }
  }
}

// MARK: - In the words of the screen

extension Statistics {
  /// `1.46 words per pass`; nil where every pass decides one word by the settings.
  var wordsPerPass: String? {
    guard policy.draft.hasBranches else { return nil }
    return tally?.breadth.tokensPerPass.map { "\(Numbers.fixed($0, 2)) words per pass" }
  }

  /// `12 of 30 guesses right`; nil where nothing was guessed.
  var rightGuesses: String? {
    guard let tally, tally.drafted > 0 else { return nil }
    return "\(tally.accepted) of \(tally.drafted) guesses right"
  }

  /// `2 wrong guesses`; nil where all came true.
  var wrongGuesses: String? {
    guard let tally, tally.drafted > tally.accepted else { return nil }
    let count = tally.drafted - tally.accepted
    return count == 1 ? "1 wrong guess" : "\(count) wrong guesses"
  }

  /// `25.3 of 30`, blocks that ran for a word.
  var depth: String? { tally?.meanDepth.map { Numbers.fixed($0, 1) + " of " + blocks } }

  /// `known from block 24.1 on`, where the lens has looked.
  var known: String? {
    tally?.meanSettled.map { "known from block \(Numbers.fixed($0, 1)) on" }
  }

  /// `36.9 words/s`.
  var pacePerSecond: String? {
    tally?.tokensPerSecond.map { Numbers.fixed($0, 1) + " words/s" }
  }

  /// `×1.04 [0.97 … 1.12] against without guesses`; nil where too few passes were measured.
  var gain: String? {
    guard let ratio = tally?.pace.ratio else { return nil }
    return "×\(Numbers.fixed(ratio.value, 2)) [\(Numbers.fixed(ratio.lower, 2)) … "
      + "\(Numbers.fixed(ratio.upper, 2))] against full depth in turn"
  }

  /// `blocks 62  head 13  looks 3  catch-up 1`: what weights were read for, in percent of all of them.
  var weightUses: String? {
    guard let tally, tally.bytes != nil else { return nil }
    let parts: [(String, KeyPath<TokenRecord.Bytes, Int>)] = [
      ("blocks", \.blocks), ("head", \.head), ("looks", \.probes), ("catch-up", \.fill),
    ]
    let used = parts.compactMap { name, part -> String? in
      let share = (tally.bytesShare(of: part) ?? 0) * 100
      return share > 0 ? "\(name) \(Numbers.fixed(share, share < 1 ? 1 : 0))" : nil
    }
    return used.isEmpty ? nil : used.joined(separator: "  ")
  }

  /// `21%`: the share of the dense model's weight bytes that were read for a part of the work.
  func share(_ part: KeyPath<TokenRecord.Bytes, Int>) -> String? {
    tally?.bytesShare(of: part).map { Numbers.percent($0) }
  }

  /// `4 of 8 left early`; nil where no word may.
  var early: String? {
    guard let tally, policy.leavesEarly, policy.contract == .approximate, tally.tokenCount > 0,
      let blocks = tally.blockCount
    else { return nil }
    let whole = blocks - policy.pruned.count
    let count = tally.depths.reduce(0) { $0 + ($1.key < whole ? $1.value : 0) }
    return "\(count) of \(tally.tokenCount) left early"
  }
}

extension Agreement.Share {
  /// `53 of 57`, with its share and interval: `93% [83 … 98]`.
  var shortWords: (count: String, share: String)? {
    value.map { share in
      let (lower, upper) = (interval.lower * 100, interval.upper * 100)
      return (
        "\(agreed) of \(checked)",
        "\(Numbers.percent(share)) [\(Numbers.fixed(lower, 0)) … \(Numbers.fixed(upper, 0))]"
      )
    }
  }
}

extension SessionRecord.Load {
  /// `loaded in 0.34 s, of which 0.25 s repacked the weights`.
  var words: String {
    "loaded in \(Numbers.fixed(totalMs / 1000, 2)) s, "
      + "of which \(Numbers.fixed(repackMs / 1000, 2)) s repacked the weights"
  }
}
