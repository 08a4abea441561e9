// Source: Elhoushi et al., LayerSkip (arXiv 2404.16710, section 4.3).
// Decides: drafts what the model says where a token leaves early, one token after another.
// Needs: what the exit policy needs.
// Costs: the blocks before the exits, which full depth does not run again, and a head for each token.
// Exact? Yes: full depth verifies every draft token.

public import Dials

extension DraftSource {
  /// The model itself, left early.
  public static let exit = DraftSource("exit")
}

extension DraftTechnique {
  /// The model itself, left early.
  static let exit = DraftTechnique(
    .exit, "what the model says at an early exit", isAutomatic: true, .model { ExitDrafter() })
}

/// Drafts for as long as the policy lets tokens leave early.
package struct ExitDrafter: ModelDrafter {
  /// A drafter.
  package init() {}

  /// A token for each row that leaves, whose own row then goes down behind it.
  package func drafts(behind root: TokenID, with model: some DraftingModel) -> ModelDrafts {
    var found = ModelDrafts(source: .exit, staysInFlight: true)
    model.append(root)
    while found.drafts.count < model.limit {
      var descent = model.descend(model.exits, along: model.route)
      guard descent.reason != nil else {
        if found.drafts.isEmpty { found.evidence = descent.evidence }
        break
      }
      let (token, readout) = model.decide(&descent)
      found.drafts.append(
        ModelDraft(token: token, descent: descent, probability: readout.probability))
      model.append(token)
      if model.ends.contains(token) { break }
    }
    return found
  }
}
