// Source: Alizadeh Vahid et al., Duo-LLM (arXiv 2410.10846), as a self-draft (LayerSkip, arXiv 2404.16710).
// Decides: drafts what the model says with small feed-forwards where the routers allow it.
// Needs: a whole head for each draft token, and the budget's rule.
// Costs: the blocks with what they chose, for each draft token; full depth runs all of them again.
// Exact? Yes: full depth verifies every draft token.

public import Dials

extension DraftSource {
  /// The model itself with small feed-forwards.
  public static let small = DraftSource("small")
}

extension DraftTechnique {
  /// The model itself with small feed-forwards.
  static let small = DraftTechnique(
    .small, "what the model says with small feed-forwards, as many as the budget says",
    .model { SmallDrafter() })
}

/// Drafts with small feed-forwards, for as long as the model is sure.
package struct SmallDrafter: ModelDrafter {
  /// Below this probability a draft is not continued.
  private static let leastProbability: Float = 0.6

  /// A drafter.
  package init() {}

  /// Tokens under the budget's rule, for as long as they are probable enough.
  package func drafts(behind root: TokenID, with model: some DraftingModel) -> ModelDrafts {
    guard let rule = model.draftRule else { return ModelDrafts(source: .small) }
    return model.drafts(
      of: .small, behind: root, by: EveryBlock(rule: rule), along: model.route,
      least: Self.leastProbability)
  }
}
