// Source: Xiao et al., StreamingLLM (arXiv 2309.17453, section 3.2).
// Decides: the first positions are seen as if what was forgotten had never been there.
// Needs: nothing but positions.
// Costs: nothing beside the window's.
// Exact? As long as the text fits the window, yes.

import Dials

extension ReachTechnique {
  /// Distances count places in the cache.
  static let cacheIndex = ReachTechnique(
    "cache-index", "what lies before the window is seen as if nothing had been forgotten",
    .distance(.cacheIndex, label: " at cache index"))
}
