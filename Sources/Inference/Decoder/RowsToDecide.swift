import Dials
import Events
import Techniques
import Transformer

/// The root of a round and the draft tokens behind it, on their way to a decision each.
///
/// Rows are counted from the root here: row 0 is the root, row i + 1 is node i of the tree.
struct RowsToDecide {
  /// What was drafted.
  let tree: DraftTree
  /// The first nodes, where the model drafted them itself.
  let drafts: ModelDrafts
  /// The root's row in flight; the draft tokens' rows follow it.
  let root: Int
  /// What was decided behind each row.
  var decisions: [Decision?]
  /// The highest logits of each row that was read; empty where nobody read.
  var best: [[Candidates.Entry]]
  /// The rows that became part of the text: the root, and draft tokens that came true.
  private(set) var path = [0]

  init(tree: DraftTree, drafts: ModelDrafts, root: Int) {
    self.tree = tree
    self.drafts = drafts
    self.root = root
    decisions = Array(repeating: nil, count: tree.count + 1)
    best = Array(repeating: [], count: tree.count + 1)
  }

  /// The row that a row follows; nil for the root.
  func parent(of row: Int) -> Int? {
    row == 0 ? nil : tree.nodes[row - 1].parent.map { $0 + 1 } ?? 0
  }

  /// The rows that are not decided and may still become part of the text: none behind a decision for
  /// another token.
  var open: [Int] {
    var isAlive = [Bool](repeating: true, count: decisions.count)
    for row in decisions.indices {
      guard let parent = parent(of: row) else { continue }
      let isContradicted = decisions[parent].map { $0.token != tree.nodes[row - 1].token } ?? false
      isAlive[row] = isAlive[parent] && !isContradicted
    }
    return decisions.indices.filter { isAlive[$0] && decisions[$0] == nil }
  }

  /// The last row of the path.
  var last: Int { path[path.count - 1] }

  /// Goes on along decisions that are draft tokens. Whether the round is over: a decision is no draft
  /// token, or one of `ends`. False where the next row is not decided yet.
  mutating func follow(ends: Set<TokenID>) -> Bool {
    while let decision = decisions[last] {
      guard let child = child(of: last), !ends.contains(decision.token) else { return true }
      path.append(child + 1)
    }
    return false
  }

  /// The node that drafted what was decided behind a row.
  func child(of row: Int) -> Int? {
    decisions[row].flatMap { tree.child(of: row == 0 ? nil : row - 1, holding: $0.token) }
  }

  /// By row, the most probable tokens with their shares, as drafters learn from them.
  var choices: [[TokenChoice]] {
    best.map { entries in
      guard let highest = entries.first?.value else { return [] }
      let weights = entries.prefix(DraftPlanner.choiceCount)
        .map { Candidates.weight($0.value, highest: highest) }
      let sum = weights.reduce(0, +)
      return zip(entries, weights).map { TokenChoice(token: TokenID($0.index), share: $1 / sum) }
    }
  }

  /// What drafting had to do with the token that was decided behind `row`, number `index` of round number
  /// `round`; nil where nobody drafted.
  func speculation(
    child: Int?, of row: Int, at index: Int, round: Int, blockCount: Int
  ) -> TokenRecord.Speculation? {
    guard tree.count > 0 else { return nil }
    let draftToken = child.map { tree.nodes[$0] }
    // The model's own drafts are the first nodes, one after another.
    let isOwn = row == index && row < drafts.drafts.count && (child ?? row) == row
    let own = isOwn ? drafts.drafts[row] : nil
    return TokenRecord.Speculation(
      round: round, k: tree.count, idx: index,
      status: draftToken != nil
        ? .accepted : tree.hasChild(row == 0 ? nil : row - 1) ? .corrected : .bonus,
      draftLayers: own?.descent.line(of: blockCount).executedCount,
      pDraft: own?.probability ?? draftToken?.chance.map { Float($0) }, source: draftToken?.source)
  }
}
