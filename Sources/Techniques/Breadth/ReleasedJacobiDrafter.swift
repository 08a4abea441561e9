// Source: Wang et al., Make Some Noise: TR-Jacobi as released (arXiv 2406.17404); the tree is Medusa's.
// Decides: a fixed tree of 68 draft tokens: Jacobi candidates, one branch of retrieval, noise where unset.
// Needs: the 10 most probable tokens at every row of the last pass.
// Costs: 69 rows a pass, whether they pay or not.
// Exact? Yes: full depth verifies every draft token.

public import Dials

extension DraftSource {
  /// TR-Jacobi's own fixed tree, for study.
  public static let released = DraftSource("tr-jacobi")
}

extension DraftTechnique {
  /// TR-Jacobi's own fixed tree, for study.
  static let released = DraftTechnique(
    .released, "TR-Jacobi's own fixed tree, for study",
    .free { _ in ReleasedJacobiDrafter() })
}

extension DraftSource {
  /// A token of the text, drawn at random to fill TR-Jacobi's tree.
  public static let noise = DraftSource("noise")
}

extension DraftTechnique {
  /// A token of the text, drawn at random to fill TR-Jacobi's tree.
  static let noise = DraftTechnique(.noise, "a token of the text, drawn at random", .filler)
}

/// TR-Jacobi with its released constants and habits, for study: 10 candidates and one retrieved token
/// for each of 5 depths, the same for all siblings.
///
/// Its habits: unset candidates are random tokens of the text; a best path that is too short fills
/// rows from the root's logits; retrieval takes the first best match, even one that matches nothing.
/// The order of equally long paths is that of Medusa's buffers, the longest first.
package struct ReleasedJacobiDrafter: Drafter {
  private static let depthCount = 5
  private static let columnCount = 11
  private static let gramLength = 3

  /// By depth and column; nil is unset.
  private var table: [[TokenID?]] = Self.unset
  private static let unset = [[TokenID?]](
    repeating: [TokenID?](repeating: nil, count: columnCount), count: depthCount)

  /// An unset table.
  package init() {}

  /// `tr-jacobi`.
  package var source: DraftSource { .released }

  /// It makes no single draft tokens.
  package var chances: [Double] { [] }

  /// Begins with nothing but noise.
  package mutating func begin(_ text: [TokenID]) { table = Self.unset }

  /// None: it insists on its tree.
  package func draftTokens(after path: DraftPath) -> [DraftToken] { [] }

  /// The fixed tree over the table, nothing trimmed.
  package func tree(after path: DraftPath) -> DraftTree? {
    var noise = Noise(generator: SplitMix64(seed: UInt64(path.text.count)))
    let filled = table.map { row in row.map { $0 ?? noise.token(of: path.text) } }
    var tree = DraftTree()
    var places: [[Int]: Int] = [:]
    for columns in Self.paths {
      let depth = columns.count - 1
      let column = columns[depth]
      let source: DraftSource =
        table[depth][column] == nil ? .noise : column == Self.columnCount - 1 ? .ngram : .jacobi
      places[columns] = tree.append(
        filled[depth][column], after: places[Array(columns.dropLast())], source: source)
    }
    return tree
  }

  /// Refills the table from the rejected remainder of the best path and from retrieval.
  package mutating func learn(from pass: VerifiedPass) {
    table = Self.unset
    guard pass.tree.count == Self.paths.count else { return }
    let rows = remainder(of: pass)
    for (depth, choices) in rows.prefix(Self.depthCount).enumerated() {
      for (column, choice) in choices.prefix(Self.columnCount - 1).enumerated() {
        table[depth][column] = choice.token
      }
    }
    for (depth, token) in Self.retrieved(from: pass.text).enumerated() {
      table[depth][Self.columnCount - 1] = token
    }
  }

  /// The choices at the nodes of the first best path behind what was accepted, filled up from the root.
  private func remainder(of pass: VerifiedPass) -> [[TokenChoice]] {
    let count = pass.accepted.count
    let best = Self.leaves.first { leaf in
      (0..<count).allSatisfy { depth in
        depth < leaf.count
          && Self.index[Array(leaf[...depth])].map { pass.tree.nodes[$0].token }
            == pass.tree.nodes[pass.accepted[depth]].token
      }
    }
    guard let best else { return [] }
    return (count..<Self.depthCount).map { depth in
      let node = depth < best.count ? Self.index[Array(best[...depth])] : nil
      return pass.choices[node.map { $0 + 1 } ?? 0]
    }
  }

  /// The tokens after the first window of three that shares most of its end with the text's end.
  private static func retrieved(from text: [TokenID]) -> ArraySlice<TokenID> {
    guard text.count > gramLength else { return [] }
    var best = (score: -1, end: 0)
    for end in gramLength..<text.count {
      var score = 0
      while score < gramLength, text[end - 1 - score] == text[text.count - 1 - score] { score += 1 }
      if score > best.score { best = (score, end) }
    }
    return text[best.end...].prefix(depthCount)
  }

  /// The nodes as columns from the top, parents first.
  package static let paths: [[Int]] = {
    func retrieval(_ depth: Int) -> [Int] { Array(repeating: columnCount - 1, count: depth) }
    let pairs = [10, 7, 3, 2, 1, 1, 1, 1, 1, 1].enumerated().flatMap { first, count in
      (0..<count).map { [first, $0] }
    }
    let triples =
      (0..<10).map { [0, 0, $0] } + (0..<3).map { [0, 1, $0] } + (0..<2).map { [0, 2, $0] }
      + (3..<8).map { [0, $0, 0] } + (0..<2).map { [1, 0, $0] } + [[2, 0, 0]]
    return (0..<10).map { [$0] } + [retrieval(1)] + pairs + [retrieval(2)] + triples
      + [retrieval(3)] + [[0, 0, 0, 0], [0, 0, 0, 1], retrieval(4), retrieval(5)]
  }()

  private static let index = Dictionary(
    uniqueKeysWithValues: paths.enumerated().map { ($0.element, $0.offset) })

  /// The paths that no other one continues, the longest first.
  private static let leaves: [[Int]] = {
    let inner = Set(paths.map { Array($0.dropLast()) })
    return paths.filter { !inner.contains($0) }.reversed()
  }()

  /// Tokens of a text, drawn.
  private struct Noise {
    var generator: SplitMix64

    mutating func token(of text: [TokenID]) -> TokenID {
      text.isEmpty ? TokenID(0) : text[generator.draw(below: text.count)]
    }
  }
}
