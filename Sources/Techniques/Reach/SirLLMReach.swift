// Source: Yao et al., SirLLM (arXiv 2405.12528, section 3).
// Decides: besides sinks and window a row sees the positions whose tokens the model expected least.
// Needs: the loss of every token, so full depth for each.
// Costs: attention to memory positions more, and a whole head for each token of a prompt.
// Exact? No: agreement with full attention has to be measured.

import Dials

extension ReachTechnique {
  /// The first positions, a window, and the positions with the highest loss.
  static let sirllm = ReachTechnique(
    "sirllm", "the first positions, a window, and the tokens of highest loss",
    .technique(.sirllm))

  /// How many such positions are kept.
  static let memory = ReachTechnique(
    "memory", "positions of highest loss that are kept",
    .number(
      value: { $0.technique == .sirllm ? $0.memory : nil }, label: { ", \($0) remembered" }))
}
