// Source: Luo et al., Turning Trash into Treasure: token recycling (arXiv 2408.08696).
// Decides: proposes what the model held most probable when it last read the same token.
// Needs: the most probable tokens at every row of a pass, rejected ones included.
// Costs: 8 tokens with their shares for every token of the vocabulary; no product.
// Exact? Yes: full depth verifies every draft token.

public import Dials

extension DraftSource {
  /// What the model thought likely after the same token.
  public static let recycling = DraftSource("recycle")
}

extension DraftTechnique {
  /// What the model thought likely after the same token.
  static let recycling = DraftTechnique(
    .recycling, "what the model thought likely after the same token", isAutomatic: true,
    .free { RecyclingDrafter(vocabularyCount: $0) })
}

/// Proposes what the model held most probable when it last read the same token.
package struct RecyclingDrafter: KeptMemory {
  private static let width = 8

  /// [vocabulary, width]; a share of 0 ends a row.
  private var table: [TokenChoice]

  /// An empty table for a vocabulary.
  package init(vocabularyCount: Int) {
    table = Array(
      repeating: TokenChoice(token: TokenID(0), share: 0), count: vocabularyCount * Self.width)
  }

  /// `recycle`.
  package var source: DraftSource { .recycling }

  /// By the share that the token had.
  package var chances: [Double] { ShareBin.chances }

  /// The row of the last token.
  package func draftTokens(after path: DraftPath) -> [DraftToken] {
    guard let token = path.token(back: 1) else { return [] }
    return table[row(of: token)].prefix { $0.share >= ShareBin.least }.map {
      DraftToken(token: $0.token, bin: ShareBin.bin(of: $0.share))
    }
  }

  /// Every row that was looked at takes the place of what stood there.
  package mutating func learn(from pass: VerifiedPass) {
    for (index, choices) in pass.choices.enumerated() where !choices.isEmpty {
      guard let token = pass.context(of: index == 0 ? nil : index - 1, count: 1).last else {
        continue
      }
      let row = row(of: token)
      for place in 0..<Self.width {
        table[row.lowerBound + place] =
          place < choices.count ? choices[place] : TokenChoice(token: TokenID(0), share: 0)
      }
    }
  }

  /// A row for each token that was read.
  package var memory: [UInt8] {
    ShareRows.bytes(
      of: (0..<table.count / Self.width).lazy.map { index in
        let token = TokenID(index)
        return ShareRow(context: [token], choices: table[row(of: token)].filter { $0.share > 0 })
      })
  }

  /// Puts kept rows in the place of all.
  package mutating func restore(_ memory: [UInt8], vocabularyCount: Int) -> Bool {
    guard vocabularyCount * Self.width == table.count,
      let rows = ShareRows.rows(in: memory, contextCount: 1, vocabularyCount: vocabularyCount)
    else { return false }
    self = RecyclingDrafter(vocabularyCount: vocabularyCount)
    for kept in rows {
      let start = row(of: kept.context[0]).lowerBound
      for (place, choice) in kept.choices.enumerated() { table[start + place] = choice }
    }
    return true
  }

  private func row(of token: TokenID) -> Range<Int> {
    let start = token.index * Self.width
    return start..<start + Self.width
  }
}
