// Source: Beltagy et al., Longformer (arXiv 2004.05150, section 3.1).
// Decides: a row sees its window alone: the ablation that collapses when the first positions leave.
// Needs: nothing but positions.
// Costs: attention to window positions, however long the text is.
// Exact? As long as the text fits the window, yes.

import Dials

extension ReachTechnique {
  /// A window alone.
  static let sliding = ReachTechnique("sliding", "a window alone", .technique(.sliding))
}
