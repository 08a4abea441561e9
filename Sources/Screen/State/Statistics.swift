import Dials
package import Events
import Reports
package import Techniques

/// The numbers of an answer in words: one wording for the panel, `/stats` and plain mode.
package struct Statistics: Hashable, Sendable {
  /// The answer; nil before the first.
  package var tally: AnswerTally?
  /// The agreement under the settings in force.
  package var agreement: Agreement
  /// The settings in force.
  package var policy: DialSettings
  /// Blocks of the model; nil when no model is known.
  package var blockCount: Int?
  /// How long loading took, if it is known.
  package var load: SessionRecord.Load?

  /// Words for these numbers.
  package init(
    tally: AnswerTally?, agreement: Agreement, policy: DialSettings, blockCount: Int?,
    load: SessionRecord.Load? = nil
  ) {
    self.tally = tally
    self.agreement = agreement
    self.policy = policy
    self.blockCount = blockCount
    self.load = load
  }

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

  /// `46% compute saved`, or `12% more compute`.
  package var compute: String? {
    tally?.computeSaved.map { saved in
      saved > -0.005
        ? "\(Numbers.percent(abs(saved))) compute saved"
        : "\(Numbers.percent(-saved)) more compute"
    }
  }

  /// `1.43x as fast as plain`, or `2% slower than plain`; nil where nothing was guessed. What plain passes
  /// would have taken is estimated from the times of this answer's own.
  package var pace: String? {
    tally?.pace.map { pace in
      pace > 0.995
        ? "\(Numbers.fixed(pace, 2))x as fast as plain"
        : "\(Numbers.percent(1 / pace - 1)) slower than plain"
    }
  }

  /// `weights read 79%: blocks 62 head 13 probes 3 fill 1`, of full depth, where tokens may leave early.
  package var weights: String? {
    guard policy.leavesEarly, let tally, let total = tally.bytesShare(of: \.total) else {
      return nil
    }
    let parts: [(String, KeyPath<TokenRecord.Bytes, Int>)] = [
      ("blocks", \.blocks), ("head", \.head), ("probes", \.probes), ("fill", \.fill),
    ]
    let words = parts.map { name, part in
      "\(name) \(Numbers.fixed((tally.bytesShare(of: part) ?? 0) * 100, 1))"
    }
    return "weights read \(Numbers.percent(total, 1)): \(words.joined(separator: " "))"
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
    let (local, sinks) = (policy.reach.local(at: last), policy.reach.sinks(at: last))
    let marks = (0..<cells).map { cell -> Character in
      let part = cell * (last + 1) / cells..<max((cell + 1) * (last + 1) / cells, 1)
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

  /// `181/187 96.8% [93.1, 98.8]`; nil where the text is identical or nothing was checked. A check goes
  /// to the full depth of the blocks that are left: where only blocks are left out it has nothing to say.
  package var agreed: String? {
    guard policy.contract == .approximate, policy.leavesEarly,
      let share = agreement.share
    else { return nil }
    let interval = agreement.interval
    return "\(agreement.agreed)/\(agreement.checked) \(Numbers.percent(share, 1)) "
      + "[\(Numbers.fixed(interval.lower * 100, 1)), \(Numbers.fixed(interval.upper * 100, 1))]"
  }

  /// `24.1/30`, where the lens settled on average; nil when it has not looked.
  package var settled: String? {
    tally?.meanSettled.map { Numbers.fixed($0, 1) + "/" + blocks }
  }

  /// The contract as the screen always shows it.
  package var contract: String { policy.contract.tag }

  /// What the contract means, in a few words.
  package var promise: String {
    switch (policy.contract, policy.exit) {
    case (.identical, .off):
      policy.draft.hasBranches
        ? "guesses are verified, every block" : "every block, every token"
    case (.identical, _): "drafts are verified at full depth"
    case (.window, _): "as the model whose attention reaches no farther"
    case (.approximate, .off): "blocks are pruned"
    case (.approximate, _): "exits are taken unverified"
    }
  }

  private var blocks: String { blockCount.map(String.init) ?? "?" }
}

extension SessionRecord.Load {
  /// `loaded in 0.34 s, of which 0.25 s repacked the weights`.
  var words: String {
    "loaded in \(Numbers.fixed(totalMs / 1000, 2)) s, "
      + "of which \(Numbers.fixed(repackMs / 1000, 2)) s repacked the weights"
  }
}

extension Contract {
  /// The tag that is always on the screen.
  package var tag: String { rawValue.uppercased() }

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
