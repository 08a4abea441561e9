// Source: Vaswani et al., Attention Is All You Need (arXiv 1706.03762); the plain model.
// Decides: nothing; every token runs every block.
// Needs: no evidence.
// Costs: 0.
// Exact? Yes: it is what the others are compared with.

package import Dials

/// The identity of the depth dial: every token runs every block.
package struct EveryBlock: DepthPolicy, Hashable {
  /// The plain model.
  package init() {}

  /// Nowhere.
  package var stops: BlockSet { .none }

  /// Nothing.
  package func need(after depth: Int) -> Need { .nothing }

  /// Always the block.
  package func step(before block: BlockIndex, evidence: Evidence) -> DepthStep { .take(.run) }
}
