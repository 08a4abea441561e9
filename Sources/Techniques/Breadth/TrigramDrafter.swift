// Source: Liu et al., ADED: adaptive draft-verification (arXiv 2407.12021).
// Decides: proposes what the model held most probable after the same two tokens, old looks fading.
// Needs: the most probable tokens at every row of a pass, rejected ones included.
// Costs: 8 tokens with their weights for each of at most 65536 pairs; no product.
// Exact? Yes: full depth verifies every draft token.

public import Dials

extension DraftSource {
  /// What the model thought likely after the same two tokens.
  public static let trigram = DraftSource("trigram")
}

extension DraftTechnique {
  /// What the model thought likely after the same two tokens.
  static let trigram = DraftTechnique(
    .trigram, "what the model thought likely after the same two tokens", isAutomatic: true,
    .free { _ in TrigramDrafter() })
}

/// Draft tokens from a table of three-token sequences that grows as the model is used.
///
/// Differs from the paper: the tree is grown best first by measured acceptance, not by Monte-Carlo
/// search, and the table starts empty or with what was kept.
package struct TrigramDrafter: KeptMemory {
  private static let width = 8
  /// Pairs in a generation; there are two.
  package static let capacity = 32768
  /// What is left of older looks when a new one comes.
  private static let decay: Float = 0.3

  /// Pairs seen lately, and before that. When the first is full, the second is forgotten.
  private var recent: [UInt64: [TokenChoice]] = [:]
  private var old: [UInt64: [TokenChoice]] = [:]

  /// An empty table.
  package init() {}

  /// `trigram`.
  package var source: DraftSource { .trigram }

  /// By the share of the weight.
  package var chances: [Double] { [0.01, 0.02, 0.05, 0.12, 0.25, 0.4, 0.55, 0.75] }

  /// Pairs in the table.
  package var pairCount: Int { recent.count + old.count }

  /// What stands in the table for the last two tokens.
  package func draftTokens(after path: DraftPath) -> [DraftToken] {
    guard let last = path.token(back: 1), let before = path.token(back: 2) else { return [] }
    let key = Self.key(before, last)
    return (recent[key] ?? old[key] ?? []).prefix { $0.share >= ShareBin.least }.map {
      DraftToken(token: $0.token, bin: ShareBin.bin(of: $0.share))
    }
  }

  /// Every row that was looked at is mixed into what is known of its pair.
  package mutating func learn(from pass: VerifiedPass) {
    for (index, choices) in pass.choices.enumerated() where !choices.isEmpty {
      let context = pass.context(of: index == 0 ? nil : index - 1, count: 2)
      guard context.count == 2 else { continue }
      let key = Self.key(context[0], context[1])
      let known = recent[key] ?? old[key] ?? []
      if recent[key] == nil, recent.count >= Self.capacity {
        old = recent
        recent = [:]
      }
      recent[key] = Self.mixed(known, choices)
    }
  }

  /// A row for each pair, the newer half first.
  package var memory: [UInt8] {
    let older = old.filter { recent[$0.key] == nil }
    let pairs = [recent, older].lazy.flatMap { $0.sorted { $0.key < $1.key } }
    return ShareRows.bytes(
      of: pairs.map { key, choices in
        ShareRow(
          context: [key >> 32, key & 0xffff_ffff].map { TokenID(Int($0)) }, choices: choices)
      })
  }

  /// Puts kept pairs in the place of all.
  package mutating func restore(_ memory: [UInt8], vocabularyCount: Int) -> Bool {
    guard let rows = ShareRows.rows(in: memory, contextCount: 2, vocabularyCount: vocabularyCount)
    else { return false }
    (recent, old) = ([:], [:])
    for row in rows {
      let key = Self.key(row.context[0], row.context[1])
      if recent.count < Self.capacity {
        recent[key] = row.choices
      } else if old.count < Self.capacity {
        old[key] = row.choices
      }
    }
    return true
  }

  /// The shares of a new look, with a rest of what was known; they add up to 1.
  private static func mixed(_ known: [TokenChoice], _ new: [TokenChoice]) -> [TokenChoice] {
    if known.isEmpty { return Array(new.prefix(width)) }
    var mixed = new.map { TokenChoice(token: $0.token, share: $0.share * (1 - decay)) }
    for choice in known {
      if let place = mixed.firstIndex(where: { $0.token == choice.token }) {
        mixed[place].share += choice.share * decay
      } else {
        mixed.append(TokenChoice(token: choice.token, share: choice.share * decay))
      }
    }
    mixed.sort { $0.share > $1.share }
    mixed.removeLast(max(0, mixed.count - width))
    let total = mixed.reduce(0) { $0 + $1.share }
    return mixed.map { TokenChoice(token: $0.token, share: $0.share / total) }
  }

  private static func key(_ a: TokenID, _ b: TokenID) -> UInt64 {
    UInt64(UInt32(bitPattern: a.rawValue)) << 32 | UInt64(UInt32(bitPattern: b.rawValue))
  }
}
