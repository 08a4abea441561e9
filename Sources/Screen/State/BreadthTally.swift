package import Dials
import Events
import Reports
import Techniques

/// What guesses were worth in one answer: a fold over its tokens and rounds.
package struct BreadthTally: Hashable, Sendable {
  /// Guesses of one source.
  package struct Guesses: Hashable, Sendable {
    /// Guesses verified.
    package var verified = 0
    /// Of these, part of the text.
    package var accepted = 0
  }

  /// Guesses by source.
  package private(set) var sources: [DraftSource: Guesses] = [:]
  /// The tokens that each of the newest passes decided, oldest first; at most ``runLimit``. The first token of
  /// an answer is the prompt's.
  package private(set) var runs: [Int] = []
  /// The most passes that ``runs`` keeps: some more than a screen has columns.
  package static let runLimit = 2048
  /// Passes that drafting still rests for.
  package private(set) var rest = 0

  /// Tokens of a round whose record has not come yet.
  private var pending = 0
  private var passCount = 0
  /// Tokens that passes decided.
  private var passTokenCount = 0

  /// Nothing guessed yet.
  package init() {}

  /// Tokens a pass, on average; nil before the first pass.
  package var tokensPerPass: Double? {
    passCount == 0 ? nil : Double(passTokenCount) / Double(passCount)
  }

  /// Counts a token of the text.
  mutating func add(_ token: TokenRecord) {
    if token.spec != nil {
      pending += 1
    } else if token.i > 0 {
      addRun(1)
      rest = max(0, rest - 1)
    }
  }

  private mutating func addRun(_ tokens: Int) {
    passCount += 1
    passTokenCount += tokens
    runs.append(tokens)
    if runs.count > Self.runLimit { runs.removeFirst(Self.runLimit / 4) }
  }

  /// Counts the guesses of a round, whose tokens have come before.
  mutating func add(_ round: DraftRecord) {
    addRun(pending)
    pending = 0
    rest = round.rest ?? 0
    for node in round.nodes ?? [] {
      sources[node.source, default: Guesses()].verified += 1
      if node.accepted { sources[node.source, default: Guesses()].accepted += 1 }
    }
  }
}

extension Statistics {
  /// `1.46 tokens a pass`; nil where every pass decides one token by the settings.
  package var passes: String? {
    guard policy.draft.hasBranches else { return nil }
    return tally?.breadth.tokensPerPass.map { "\(Numbers.fixed($0, 2)) tokens a pass" }
  }

  /// `ngram 12/30  recycle 4/20`: guesses that came true, of those that were verified.
  package var guesses: String? {
    guard let sources = tally?.breadth.sources, !sources.isEmpty else { return nil }
    return Catalogue.inOrder(Set(sources.keys)).compactMap { source in
      sources[source].map { "\(source.rawValue) \($0.accepted)/\($0.verified)" }
    }.joined(separator: "  ")
  }

  /// `drafting rests for 8 passes: it did not pay`; nil while it does not.
  package var rest: String? {
    guard let rest = tally?.breadth.rest, rest > 0, tally?.end == nil else { return nil }
    return "drafting rests for \(rest) passes: it did not pay"
  }
}
