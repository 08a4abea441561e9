// Source: Alizadeh Vahid et al., Duo-LLM (arXiv 2410.10846, section 4): a router before each feed-forward.
// Decides: for every token and block, whether its big feed-forward runs or the small one.
// Needs: the score of each block's router: one product of two vectors.
// Costs: width + 1 multiplications a block; a small feed-forward is about a tenth of a big one.
// Exact? No; all-big is the plain model bit for bit. As a draft that full depth verifies, yes.

package import Dials

/// A depth policy whose rows take the feed-forwards that a rule says.
package struct BudgetedDepth: DepthPolicy {
  /// When rows leave.
  private let exits: any DepthPolicy
  /// Which feed-forwards they take.
  package let rule: FeedForwardRule?

  /// `exits` under a rule.
  package init(_ exits: any DepthPolicy, rule: FeedForwardRule) {
    self.exits = exits
    self.rule = rule
  }

  /// Those of the exits.
  package var stops: BlockSet { exits.stops }

  /// What the exits need.
  package func need(after depth: Int) -> Need { exits.need(after: depth) }

  /// What the exits say.
  package func step(before block: BlockIndex, evidence: Evidence) -> DepthStep {
    exits.step(before: block, evidence: evidence)
  }
}
