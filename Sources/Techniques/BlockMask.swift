// Source: Song et al., SLEB (arXiv 2402.09025); Men et al., ShortGPT (arXiv 2403.03853).
// Decides: the pruned blocks run for nobody.
// Needs: no evidence.
// Costs: nothing; each pruned block saves its products, its attention and its keys and values.
// Exact? No, unless no block is pruned: agreement with the dense model has to be measured.

package import Dials

/// The pruned blocks run for nobody.
package struct BlockMask: DepthPolicy, Hashable {
  /// The blocks that are left out.
  package let pruned: BlockSet

  /// A mask that leaves out `pruned`.
  package init(pruned: BlockSet) { self.pruned = pruned }

  /// Never: the mask is the same for every token.
  package func needsReadout(after depth: Int) -> Bool { false }

  /// `.prune` before a pruned block.
  package func verdict(before block: BlockIndex, readouts: [Readout]) -> DepthVerdict {
    pruned.contains(block) ? .prune : .run
  }
}
