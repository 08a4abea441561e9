package import Dials
package import Events
package import Techniques

/// What another threshold would have made of an answer, as far as its records know. No model is asked.
///
/// A record holds what the token's policy was shown up to where it left. So a lower threshold is
/// answered in full, and a higher one only as far as the token went: behind that the figures are
/// bounds. And they hold for the text as it is: from the first word that would be another on, the text
/// is another too.
package struct WhatIf: Hashable, Sendable {
  /// One token of the answer with what is known of it.
  package struct Word: Hashable, Sendable {
    /// Its record.
    package var record: TokenRecord
    /// What the whole model takes in its place; nil where it was not asked.
    package var whole: TokenID?

    /// A token.
    package init(_ record: TokenRecord, whole: TokenID?) {
      (self.record, self.whole) = (record, whole)
    }
  }

  /// The first word of the answer that is not surely the same.
  package struct Change: Hashable, Sendable {
    /// Its place in the answer, from 0.
    package var place: Int
    /// Blocks run for it; nil where the record does not say.
    package var depth: Int?
    /// Whether it is another word; else it may be one.
    package var isSure: Bool
  }

  /// An answer under one setting: bounds where the record does not know.
  package struct Row: Hashable, Sendable {
    /// The threshold; nil for the setting that made the answer.
    package let threshold: Float?
    /// The setting.
    package let setting: ExitSetting
    /// Tokens that leave early.
    package fileprivate(set) var left = 0...0
    /// Tokens that are the whole model's, of those that it was asked about.
    package fileprivate(set) var same = 0...0
    /// Blocks run, of all tokens together.
    package fileprivate(set) var blocks = 0...0
    /// The first word that is not surely the same; nil where all are.
    package fileprivate(set) var change: Change?
  }

  /// The tokens.
  package let words: [Word]
  /// The answer as it was made.
  package let now: Row
  /// Other thresholds, ascending.
  package let rows: [Row]
  /// The row that a person looks at.
  package private(set) var cursor: Int
  /// Tokens that the whole model was asked about.
  package var checkedCount: Int { words.count { $0.whole != nil } }

  /// The answer that adds up to `tally`, of these tokens; nil where no threshold decided anything.
  package init?(_ tally: AnswerTally, _ tokens: some Sequence<TokenRecord>) {
    let policy = tally.settings.policy
    let words = tokens.map { Word($0, whole: tally.whole(for: $0)) }
    guard policy.takesExits, let technique = policy.exit.technique, !words.isEmpty,
      !technique.slides.isEmpty, let blockCount = tally.blockCount
    else { return nil }
    let answer = Answer(words: words, settings: tally.settings, blockCount: blockCount)
    self.words = words
    now = answer.row(policy.exit, threshold: nil)
    rows = technique.slides.compactMap { threshold in
      technique.sliding(to: threshold).map { answer.row(ExitSetting($0), threshold: threshold) }
    }
    let left = now.left.upperBound
    cursor = rows.firstIndex { $0.left.upperBound <= left } ?? 0
  }

  /// The row that a person looks at; nil where there is none.
  package var selected: Row? { rows.indices.contains(cursor) ? rows[cursor] : nil }

  /// What is said where no threshold decided anything.
  package static let nothingToAsk =
    "no word of this answer could leave early by a threshold: /preset balanced, then /regen"

  /// Moves by so many rows, as far as there are any.
  package mutating func move(_ step: Int) {
    cursor = min(max(0, cursor + step), max(0, rows.count - 1))
  }
}

/// An answer that is decided anew.
private struct Answer {
  let words: [WhatIf.Word]
  let settings: AnswerSettings
  let blockCount: Int

  /// What becomes of one token.
  private struct Outcome {
    /// Whether it leaves early; nil where the record does not say.
    var leaves: Bool?
    /// Blocks run for it.
    var blocks: ClosedRange<Int>
    /// The token; nil where it is not known.
    var token: TokenID?
    /// Whether it is the whole model's; nil where it is not known.
    var isWhole: Bool?
  }

  func row(_ exit: ExitSetting, threshold: Float?) -> WhatIf.Row {
    var dials = settings.policy
    dials.exit = exit
    let policy = Catalogue.depthPolicy(for: dials, blockCount: blockCount)
    var row = WhatIf.Row(threshold: threshold, setting: exit)
    for (place, word) in words.enumerated() {
      let outcome = outcome(of: word, policy, depths: exit.depths)
      row.left.add(outcome.leaves)
      row.blocks =
        row.blocks.lowerBound + outcome.blocks.lowerBound...row.blocks.upperBound
        + outcome.blocks.upperBound
      if word.whole != nil { row.same.add(outcome.isWhole) }
      // Keys and values that are filled from where a token left depend on where that was.
      let isMoved =
        settings.policy.fill == .propagate
        && outcome.blocks != word.record.depth.executedCount...word.record.depth.executedCount
      if row.change == nil, outcome.token != word.record.id || isMoved {
        row.change = WhatIf.Change(
          place: place, depth: outcome.leaves == nil ? nil : outcome.blocks.lowerBound,
          isSure: outcome.token != nil && outcome.token != word.record.id)
      }
    }
    return row
  }

  private func outcome(
    of word: WhatIf.Word, _ policy: any DepthPolicy, depths: [Int]
  ) -> Outcome {
    let (record, route) = (word.record, settings.policy.route)
    // The first token comes out of the prompt's own pass: nobody is asked, whatever the setting.
    if record.exit.left == nil, record.exit.evidence == Evidence() {
      let ran = record.depth.executedCount
      return Outcome(
        leaves: false, blocks: ran...ran, token: record.id,
        isWhole: word.whole.map { $0 == record.id })
    }
    let replay = DepthReplay(
      of: policy, along: route, blockCount: blockCount, evidence: record.exit.evidence)
    guard replay.isComplete else {
      let next = depths.first { $0 > record.depth.reached } ?? blockCount
      return Outcome(blocks: ran(to: next)...ran(to: blockCount))
    }
    let leaves = replay.descent.reason != nil
    let blocks = ran(to: replay.descent.depth)
    var outcome = Outcome(leaves: leaves, blocks: blocks...blocks)
    if replay.descent.depth == record.depth.reached {
      outcome.token = record.id
    } else if !leaves, settings.fullDepthIsWhole {
      outcome.token = word.whole
    } else if leaves, settings.sampler.temperature == 0, settings.sampler.repeatPenalty == 1 {
      // Drawn tokens are not what the exit held most probable.
      outcome.token = replay.descent.evidence.readouts.last?.token
    }
    if let whole = word.whole { outcome.isWhole = outcome.token.map { $0 == whole } }
    return outcome
  }

  /// Blocks run by a token that ends at a depth.
  private func ran(to depth: Int) -> Int {
    settings.policy.route.line(to: depth, of: blockCount).executedCount
  }
}

extension ClosedRange<Int> {
  /// Counts one more: surely, surely not, or perhaps.
  fileprivate mutating func add(_ isOne: Bool?) {
    switch isOne {
    case true?: self = lowerBound + 1...upperBound + 1
    case false?: break
    case nil: self = lowerBound...upperBound + 1
    }
  }
}
