// Source: Fu et al., lookahead decoding (arXiv 2402.02057), its n-gram pool.
// Decides: proposes the rest of three-token pieces that the model wrote on branches, kept or dropped.
// Needs: the most probable token at every row of a pass; if named, a window of 3 rows.
// Costs: 7 pieces for each first token; the window's rows when a person asks for this source alone.
// Exact? Yes: full depth verifies every draft token.

public import Dials

extension DraftSource {
  /// Pieces that the model wrote on branches that were dropped.
  public static let lookahead = DraftSource("lookahead")
}

extension DraftTechnique {
  /// Pieces that the model wrote on branches that were dropped.
  static let lookahead = DraftTechnique(
    .lookahead, "pieces that the model wrote on branches that were dropped", isAutomatic: true,
    .free { _ in LookaheadDrafter() })
}

/// Drafts from a pool of three-token pieces (N = 3, G = 7), and keeps a window of Jacobi iterates
/// (W = 3) that feeds it.
///
/// Differs from the paper: branches of all drafters feed the pool, so the window of 2-D Jacobi rows
/// is one chain, and there is none unless the source was named.
package struct LookaheadDrafter: Drafter {
  private struct Piece: Hashable {
    var second: TokenID
    var third: TokenID
  }

  private static let poolWidth = 7
  private static let windowLength = 3
  private static let poolCapacity = 16384

  /// By first token, the newest piece first.
  private var pool: [TokenID: [Piece]] = [:]
  /// What the model last said for the places of the window.
  private var iterates: [TokenID] = []

  /// An empty pool.
  package init() {}

  /// `lookahead`.
  package var source: DraftSource { .lookahead }

  /// The third token of a piece whose first two match; the second token of the newest piece; of an
  /// older one; a token of the window.
  package var chances: [Double] { [0.5, 0.2, 0.08, 0.05] }

  /// Forgets the window, which belongs to another text.
  package mutating func begin(_ text: [TokenID]) { iterates = [] }

  /// Thirds of pieces that the last two tokens begin, then seconds of those that the last one begins.
  package func draftTokens(after path: DraftPath) -> [DraftToken] {
    var draftTokens: [DraftToken] = []
    func add(_ token: TokenID, _ bin: Int) {
      if !draftTokens.contains(where: { $0.token == token }) {
        draftTokens.append(DraftToken(token: token, bin: bin))
      }
    }
    guard let last = path.token(back: 1) else { return [] }
    if let before = path.token(back: 2) {
      for piece in pool[before] ?? [] where piece.second == last { add(piece.third, 0) }
    }
    for (rank, piece) in (pool[last] ?? []).enumerated() { add(piece.second, rank == 0 ? 1 : 2) }
    return draftTokens
  }

  /// The iterates, each place filled up with what follows in the text from a place of its own.
  package func window(after path: DraftPath) -> [TokenID] {
    let noise = (0..<Self.windowLength).compactMap { path.token(back: 2 + 3 * $0) }
    return Array((iterates + noise.dropFirst(iterates.count)).prefix(Self.windowLength))
  }

  /// Takes the pieces off every row: the token before it, its own, and the most probable next.
  package mutating func learn(from pass: VerifiedPass) {
    for (index, choices) in pass.choices.enumerated() {
      let context = pass.context(of: index == 0 ? nil : index - 1, count: 2)
      guard let best = choices.first, context.count == 2 else { continue }
      add(Piece(second: context[1], third: best.token), after: context[0])
    }
    iterates = JacobiDrafter.remainder(of: pass).compactMap { $0.first?.token }
  }

  private mutating func add(_ piece: Piece, after first: TokenID) {
    if pool[first] == nil, pool.count >= Self.poolCapacity { pool = [:] }
    var pieces = pool[first] ?? []
    pieces.removeAll { $0 == piece }
    pieces.insert(piece, at: 0)
    pool[first] = Array(pieces.prefix(Self.poolWidth))
  }
}
