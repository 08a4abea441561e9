// Source: Xia et al., SWIFT: on-the-fly self-speculative decoding (arXiv 2410.06916).
// Decides: drafts what the model says with a set of blocks left out, for as long as it is sure.
// Needs: a whole head for each draft token; in idle time, passes that try sets of blocks.
// Costs: the blocks that stay, for each draft token; full depth runs all of them again.
// Exact? Yes: full depth verifies every draft token.

public import Dials

extension DraftSource {
  /// The model itself with blocks left out.
  public static let skip = DraftSource("skip")
}

extension DraftTechnique {
  /// The model itself with blocks left out.
  static let skip = DraftTechnique(
    .skip, "what the model says with some blocks left out", .model { SkipDrafter() })
}

/// Drafts with the blocks left out that `SkipSetSearch` found the model can do without.
package struct SkipDrafter: ModelDrafter {
  /// Below this probability a draft is not continued.
  private static let leastProbability: Float = 0.8

  private var search: SkipSetSearch?

  /// A drafter that has tried nothing yet.
  package init() {}

  /// The search for a model of which these blocks are pruned.
  private func search(on route: Route, of blockCount: Int) -> SkipSetSearch {
    if let search, search.pruned == route.pruned { return search }
    return SkipSetSearch(blockCount: blockCount, pruned: route.pruned)
  }

  /// Tokens along the best set so far, for as long as they are probable enough.
  package mutating func drafts(
    behind root: TokenID, with model: some DraftingModel
  ) -> ModelDrafts {
    let search = search(on: model.route, of: model.blockCount)
    self.search = search
    let route = Route(pruned: model.route.pruned, skipped: search.best)
    return model.drafts(
      of: .skip, behind: root, along: route, least: Self.leastProbability)
  }

  /// Whether it is not worth looking for a better set.
  package func isPractised(on route: Route, blockCount: Int) -> Bool {
    search(on: route, of: blockCount).isOver
  }

  /// Tries one more set on the end of the text.
  package mutating func practise(with model: some PracticeModel) -> Bool {
    var search = search(on: model.route, of: model.blockCount)
    let set = search.proposal()
    let route = Route(pruned: model.route.pruned, skipped: set)
    let score = model.agreement(along: route, count: SkipSetSearch.rowCount)
    if let score { search.note(set, score: score) }
    self.search = search
    return score != nil
  }
}
