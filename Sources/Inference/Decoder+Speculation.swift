import Dials
import Events
import Transformer

extension Decoder {
  /// What guessing had to do with a token that was decided behind `node`; nil where nobody guessed.
  func speculation(
    child: Int?, of node: Int?, at index: Int, drafts: [SelfDraft], round: Round, plan: Plan
  ) -> TokenRecord.Speculation? {
    guard round.tree.count > 0 else { return nil }
    // The model's own drafts are the first nodes, one after another.
    let draft = node.map { $0 + 1 } ?? 0
    let guess = child.map { round.tree.nodes[$0] }
    let isOwn = draft == index && draft < drafts.count && (child ?? draft) == draft
    let own = isOwn ? drafts[draft] : nil
    return TokenRecord.Speculation(
      round: plan.index, k: round.tree.count, idx: index,
      status: guess != nil ? .accepted : round.tree.hasChild(node) ? .corrected : .bonus,
      draftLayers: own?.line.executedCount,
      pDraft: own?.probability ?? guess?.chance.map { Float($0) }, source: guess?.source)
  }

  /// The record of a self-draft that full depth did not confirm.
  func rejection(
    _ draft: SelfDraft, of count: Int, logits: Logits, row: Int, at index: Int, plan: Plan
  ) -> Decision {
    let choice = Sampler.Choice(token: draft.token, uniform: nil)
    var decision = decision(
      choice, logits: logits, row: row, depth: draft.depth, evidence: draft.evidence, plan: plan)
    decision.line = draft.line
    decision.exit.layers = draft.line.executedCount
    decision.speculation = TokenRecord.Speculation(
      round: plan.index, k: count, idx: index, status: .rejected,
      draftLayers: decision.line.executedCount, pDraft: draft.probability, source: draft.source)
    return decision
  }
}
