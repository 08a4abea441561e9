// Source: Saxena, prompt lookup decoding (2023); Hu et al., SAM-Decoding (arXiv 2411.10666).
// Decides: proposes what followed the longest match of the last tokens in this text and earlier ones.
// Needs: the text.
// Costs: a step in an automaton for each token; about 0.1 kB for each of at most 2^17 tokens; no product.
// Exact? Yes: full depth verifies every draft token.

public import Dials

extension DraftSource {
  /// What followed the same words earlier in the text.
  public static let ngram = DraftSource("ngram")
}

extension DraftTechnique {
  /// What followed the same words earlier in the text.
  static let ngram = DraftTechnique(
    .ngram, "what followed the same words earlier in the text", isAutomatic: true,
    .free { _ in NGramDrafter() })
}

/// Proposes what followed the longest match of the last tokens: what followed most often first, of
/// equal ones the latest, and what followed a shorter match behind it. It looks into the text at hand, and
/// into that with all earlier ones.
///
/// Differs from the paper: the length of a match is not held against a threshold; it is the bin whose
/// acceptance is measured, so that a long match wins where long matches come true.
package struct NGramDrafter: Drafter {
  /// Tokens that are known at most: of longer texts the newest half of them at least.
  package static let capacity = 1 << 17

  /// The text at hand.
  private var near: TextMemory
  /// That and all earlier ones.
  private var far: TextMemory

  /// Nothing known; at most `capacity` tokens, and half as many of the text at hand.
  package init(capacity: Int = Self.capacity) {
    near = TextMemory(capacity: capacity / 2)
    far = TextMemory(capacity: capacity)
  }

  /// `ngram`.
  package var source: DraftSource { .ngram }

  /// By where the match is, its length and the agreement of what followed it.
  package var chances: [Double] { MatchBin.chances }

  /// Tokens that are known.
  package var tokenCount: Int { far.count }

  /// Reads the text; what was read before and still stands is not read again.
  package mutating func begin(_ text: [TokenID]) {
    if !near.holdsMost(of: text) { near.clear() }
    near.begin(text)
    far.begin(text)
  }

  /// Reads what was decided.
  package mutating func learn(from pass: VerifiedPass) {
    near.read(pass.text)
    far.read(pass.text)
  }

  /// The followers of the longest match, then those of a shorter one: of the text, then of all.
  package func draftTokens(after path: DraftPath) -> [DraftToken] {
    let own = draftTokens(after: path, from: near, isNear: true)
    return own
      + draftTokens(after: path, from: far, isNear: false).filter { other in
        !own.contains { $0.token == other.token }
      }
  }

  /// Matches that are looked at: the longest one, and the longest of those that occurred elsewhere too.
  private static let lookCount = 2

  private func draftTokens(
    after path: DraftPath, from memory: TextMemory, isNear: Bool
  ) -> [DraftToken] {
    let automaton = memory.automaton
    var place: SuffixAutomaton.Place? = memory.place(after: path)
    var draftTokens: [DraftToken] = []
    for look in 0..<Self.lookCount {
      guard let here = place, here.length > 0 else { break }
      let total = automaton.total(of: here)
      for (rank, follower) in automaton.followers(of: here).enumerated() {
        let token = TokenID(rawValue: follower.token)
        if draftTokens.contains(where: { $0.token == token }) { continue }
        let bin =
          look + rank == 0
          ? MatchBin.best(length: here.length, count: follower.count, total: total)
          : MatchBin.other(
            length: here.length, isLikely: look > 0 ? rank == 0 : 4 * follower.count >= total)
        draftTokens.append(
          DraftToken(token: token, bin: isNear ? bin : bin + MatchBin.count))
      }
      place = automaton.shorter(here)
    }
    return draftTokens
  }
}
