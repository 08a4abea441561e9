// Source: Elhoushi et al., LayerSkip (arXiv 2404.16710): a draft is a pass that stops at block e.
// Decides: every token leaves after the same number of blocks.
// Needs: no evidence.
// Costs: depth / n of the blocks, and the head that decides the token.
// Exact? As a draft that full depth verifies, yes; taken as it is, no.

package import Dials

/// Every token leaves after `depth` blocks.
package struct FixedExit: DepthPolicy, Hashable {
  /// Blocks of the model passed before a token leaves (1...n).
  package let depth: Int

  /// An exit after `depth` blocks.
  package init(depth: Int) { self.depth = depth }

  /// Never: the exit does not depend on what the vocabulary looks like.
  package func needsReadout(after depth: Int) -> Bool { false }

  /// `.exit` from the first block past the exit on.
  package func verdict(before block: BlockIndex, readouts: [Readout]) -> DepthVerdict {
    block.rawValue >= depth ? .exit : .run
  }
}
