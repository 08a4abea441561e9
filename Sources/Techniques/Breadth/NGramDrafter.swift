// Source: Saxena, prompt lookup decoding (2023); Yang et al., LLMA (arXiv 2304.04487).
// Decides: proposes what followed the same last tokens earlier in prompt and answer.
// Needs: the text.
// Costs: one look into a table for each length of match; the tables of at most 2^18 tokens; no product.
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

/// Proposes what followed the longest match of the last tokens, its latest occurrence first.
package struct NGramDrafter: Drafter {
  /// The longest match that is told from shorter ones.
  private static let longest = 4
  /// Occurrences of a match that are looked at.
  private static let lookBack = 4

  /// Tokens that are indexed at most: of a longer text the newest, half of it at least.
  package static let capacity = 1 << 18

  private var indexed: [TokenID] = []
  /// Where in the text they begin.
  private var start = 0
  /// By length, less one: where the last occurrence of an n-gram ended.
  private var ends: [[UInt64: Int32]]
  /// By length, less one, and position: the end of the occurrence before the one that ends there.
  private var earlier: [[Int32]]

  /// An empty index.
  package init() {
    ends = Array(repeating: [:], count: Self.longest)
    earlier = Array(repeating: [], count: Self.longest)
  }

  /// `ngram`.
  package var source: DraftSource { .ngram }

  /// By length of the match: seen once, seen more than once with the same follower, with others;
  /// and last the followers of older occurrences.
  package var chances: [Double] {
    [0.12, 0.3, 0.12, 0.45, 0.65, 0.35, 0.65, 0.8, 0.5, 0.85, 0.93, 0.65, 0.15]
  }

  /// Tokens in the index.
  package var tokenCount: Int { indexed.count }

  /// Reads the text; what was read before and still stands is not read again.
  package mutating func begin(_ text: [TokenID]) {
    if !text.dropFirst(start).starts(with: indexed) { self = NGramDrafter() }
    index(text)
  }

  /// Reads what was decided.
  package mutating func learn(from pass: VerifiedPass) { index(pass.text) }

  private mutating func index(_ text: [TokenID]) {
    while start + indexed.count < text.count {
      if indexed.count == Self.capacity {
        let newest = start + Self.capacity / 2
        self = NGramDrafter()
        start = newest
      }
      add(text[start + indexed.count])
    }
  }

  private mutating func add(_ token: TokenID) {
    let position = indexed.count
    indexed.append(token)
    for length in 1...Self.longest {
      let key = position + 1 >= length ? Self.key(indexed[(position + 1 - length)...]) : 0
      earlier[length - 1].append(ends[length - 1][key] ?? -1)
      ends[length - 1][key] = Int32(position)
    }
  }

  /// The followers of the longest match, then those of its older occurrences.
  package func draftTokens(after path: DraftPath) -> [DraftToken] {
    var suffix: [TokenID] = []
    var best: (length: Int, end: Int)?
    for length in 1...Self.longest {
      guard let token = path.token(back: length) else { break }
      suffix.insert(token, at: 0)
      guard let end = lastEnd(of: suffix, before: path) else { break }
      best = (length, end)
    }
    guard let best else { return [] }
    let followers = followers(of: suffix.suffix(best.length), from: best.end, before: path)
    var draftTokens: [DraftToken] = []
    for (rank, follower) in followers.enumerated()
    where !draftTokens.contains(where: { $0.token == follower }) {
      let isFirst = rank == 0
      let agreement = followers.count == 1 ? 0 : followers[1] == followers[0] ? 1 : 2
      draftTokens.append(
        DraftToken(
          token: follower, bin: isFirst ? (best.length - 1) * 3 + agreement : chances.count - 1))
    }
    return draftTokens
  }

  /// Where `gram` last ended with a follower behind it.
  private func lastEnd(of gram: [TokenID], before path: DraftPath) -> Int? {
    let length = gram.count
    var end = Int(ends[length - 1][Self.key(gram[...])] ?? -1)
    // The end of the text has no follower yet.
    if end == indexed.count - 1, end >= 0 { end = Int(earlier[length - 1][end]) }
    return end >= length - 1 && indexed[(end + 1 - length)...end].elementsEqual(gram) ? end : nil
  }

  private func followers(
    of gram: ArraySlice<TokenID>, from end: Int, before path: DraftPath
  ) -> [TokenID] {
    var followers: [TokenID] = []
    var here = end
    while here >= gram.count - 1, followers.count < Self.lookBack {
      if indexed[(here + 1 - gram.count)...here].elementsEqual(gram) {
        followers.append(indexed[here + 1])
      }
      here = Int(earlier[gram.count - 1][here])
    }
    return followers
  }

  /// A hash of the tokens (FNV-1a over whole tokens); what it finds is compared.
  private static func key(_ tokens: ArraySlice<TokenID>) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for token in tokens {
      hash = (hash ^ UInt64(UInt32(bitPattern: token.rawValue))) &* 0x100_0000_01b3
      hash ^= hash >> 29
    }
    return hash
  }
}
