// Source: Vaswani et al., Attention Is All You Need (arXiv 1706.03762); the plain model.
// Decides: nothing; every token runs every block.
// Needs: no evidence.
// Costs: 0.
// Exact? Yes: it is what the others are compared with. With a rule, no: feed-forwards may be small.

package import Dials

/// The identity of the depth dial: every token runs every block.
package struct EveryBlock: DepthPolicy, Hashable {
  /// Nil for the plain model.
  package let rule: FeedForwardRule?

  /// Every block, with the feed-forwards that `rule` says.
  package init(rule: FeedForwardRule? = nil) { self.rule = rule }

  /// Nowhere.
  package var stops: BlockSet { .none }

  /// Nothing.
  package func need(after depth: Int) -> Need { .nothing }

  /// Always the block.
  package func step(before block: BlockIndex, evidence: Evidence) -> DepthStep { .take(.run) }
}
