// Source: Wang et al., Make Some Noise: TR-Jacobi decoding (arXiv 2406.17404); Santilli et al. 2023.
// Decides: proposes what the model said behind rejected draft tokens, which stood where the next token goes.
// Needs: the most probable tokens at the rejected rows of the last pass; if named, a window of 3 rows.
// Costs: nothing beyond the rows; it pays for models that were trained with noisy inputs.
// Exact? Yes: full depth verifies every draft token.

public import Dials

extension DraftSource {
  /// What the model saw behind a rejected draft token.
  public static let jacobi = DraftSource("jacobi")
}

extension DraftTechnique {
  /// What the model saw behind a rejected draft token.
  static let jacobi = DraftTechnique(
    .jacobi, "what the model saw behind a rejected draft token", isAutomatic: true,
    .free { _ in JacobiDrafter() })
}

/// Proposes the Jacobi iterates of the last pass.
///
/// A rejected draft token at the first free place is a noisy stand-in for the token that was decided there,
/// so what the model said behind it is a draft token for the place after. A place that no rejected row
/// stood before has no draft token: nothing is filled with stale or random candidates.
package struct JacobiDrafter: Drafter {
  private static let width = 4
  private static let windowLength = 3

  /// By depth, from 0: the candidates, best first.
  private var table: [[TokenChoice]] = []

  /// No iterates.
  package init() {}

  /// `jacobi`.
  package var source: DraftSource { .jacobi }

  /// By rank at depth 0, then by rank deeper down.
  package var chances: [Double] { [0.08, 0.03, 0.02, 0.01, 0.03, 0.01, 0.01, 0.01] }

  /// Forgets the iterates, which belong to another text.
  package mutating func begin(_ text: [TokenID]) { table = [] }

  /// The candidates for the path's depth, whatever the path.
  package func draftTokens(after path: DraftPath) -> [DraftToken] {
    let depth = path.draftTokens.count
    guard table.indices.contains(depth) else { return [] }
    return table[depth].prefix(Self.width).enumerated().map { rank, choice in
      DraftToken(token: choice.token, bin: rank + (depth == 0 ? 0 : Self.width))
    }
  }

  /// The best candidate of each depth, and tokens of the text where there is none: plain Jacobi.
  package func window(after path: DraftPath) -> [TokenID] {
    (0..<Self.windowLength).compactMap { depth in
      let best = table.indices.contains(depth) ? table[depth].first?.token : nil
      return best ?? path.token(back: 2 + 3 * depth)
    }
  }

  /// Keeps what the model said along the rejected remainder.
  package mutating func learn(from pass: VerifiedPass) { table = Self.remainder(of: pass) }

  /// What the model said behind each rejected draft token that continues the accepted ones, the likeliest
  /// child first; entry 0 stands before the next tree's first place.
  static func remainder(of pass: VerifiedPass) -> [[TokenChoice]] {
    var remainder: [[TokenChoice]] = []
    var here = pass.accepted.last
    while let child = pass.tree.nodes.firstIndex(where: { $0.parent == here }) {
      let choices = pass.choices.indices.contains(child + 1) ? pass.choices[child + 1] : []
      if choices.isEmpty { break }
      remainder.append(choices)
      here = child
    }
    return remainder
  }
}
