// Source: Han et al., LM-Infinite (arXiv 2308.16137, section 4.3).
// Decides: each head of the next token's row retrieves its top-k keys from between sinks and window.
// Needs: every key of the text, which is kept.
// Costs: a product with every kept key in each block from 4 on, and attention to k positions more.
// Exact? No: agreement with full attention has to be measured.

import Dials

extension ReachTechnique {
  /// Positions that each head retrieves by their keys.
  static let lookups = ReachTechnique(
    "lookups", "positions before the window that each head looks up",
    .number(
      value: { $0.lookups > 0 ? $0.lookups : nil }, label: { ", \($0) looked up" }))
}
