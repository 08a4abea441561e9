import Dials
package import Inference
import Transformer

/// Measures which patterns of big and small feed-forwards would have served tokens best.
///
/// Source: Alizadeh Vahid et al., Duo-LLM (arXiv 2410.10846), section 3: the oracle.
package struct OracleJob: Sendable {
  /// Which patterns are tried.
  package let search: OracleSearch
  /// The groups of blocks.
  package let groups: BlockGroups
  private let model: LoadedModel
  private let offsets: [Double]

  /// Tokens that make two halves.
  private static let leastTokens = 2

  /// A job on a model with small feed-forwards; without `groupCount` in as many groups as the search can
  /// have. Throws where there are no small feed-forwards, or groups do not fit.
  package init(
    _ search: OracleSearch, groupCount: Int? = nil, model: LoadedModel
  ) throws(EvaluationError) {
    guard let modules = model.feedForwards else {
      throw EvaluationError(
        code: .badArgument,
        message:
          "The oracle chooses between big and small feed-forwards, but no small ones are loaded. "
          + "Give some with --duo, or train them with fathom tune duo.")
    }
    guard model.exits?.changes == nil else {
      throw EvaluationError(
        code: .badArgument,
        message:
          "The small feed-forwards stand in for those of the model as its file has it, but the "
          + "adapter changes it. Leave out the adapter: --adapter none.")
    }
    let blockCount = model.blockCount
    let usual =
      search.method == .groups
      ? BlockGroups.usualCount(of: blockCount, optionCount: search.options.count) : blockCount
    groups = try BlockGroups(groupCount ?? usual, of: blockCount)
    if search.method == .groups { try groups.checkPatterns(optionCount: search.options.count) }
    self.search = search
    self.model = model
    offsets = modules.facts.points.map(\.offset)
  }

  /// Measures the targets of `texts` in order. `observe` hears how many tokens of all are done, and ends
  /// the work by answering false. Throws where there are not two tokens: one half of them chooses the fixed
  /// patterns, the other is measured.
  package func run(
    _ texts: [OracleText], observe: (_ done: Int, _ total: Int) -> Bool = { _, _ in true }
  ) throws(EvaluationError) -> OracleResult {
    let total = texts.reduce(0) { $0 + $1.targets.count }
    guard total >= Self.leastTokens else {
      throw EvaluationError(
        code: .tooShort,
        message:
          "There are \(total) tokens to predict, but the oracle needs two: a text of three tokens, or "
          + "an answer of two. Give a longer text.")
    }
    let plan = PatternPlan(search.sharedPatterns(count: groups.count))
    var result = OracleResult(
      search: search, groups: groups, shared: plan.patterns, textCount: texts.count,
      plannedCount: total, offsets: offsets)
    let pass = PatternPass(
      model.runtime, groups: groups, length: texts.map(\.tokens.count).max() ?? 1,
      patternLimit: max(
        plan.rowCount, search.method == .groups ? 0 : OracleSearch.patternsAtOnce))
    for (number, text) in texts.enumerated() {
      pass.begin()
      var read = 0
      for target in text.targets where target > read {
        pass.read(text.tokens[read..<target - 1])
        read = target
        result.tokens.append(measure(text, number: number, target: target, plan, pass))
        if !observe(result.tokens.count, total) { return result }
      }
    }
    return result
  }

  /// Measures the token that is predicted at `target`; all before the one that predicts it was read.
  private func measure(
    _ text: OracleText, number: Int, target: Int, _ plan: PatternPlan, _ pass: PatternPass
  ) -> OracleToken {
    let whole = pass.open(text.tokens[target - 1], target: text.tokens[target])
    var bests = BudgetBests(groupCount: groups.count)
    let shared = pass.scores(of: plan)
    for (pattern, score) in zip(plan.patterns, shared) { bests.take(pattern, score) }
    search.search(pass) { bests.take($0, $1) }
    let routed = pass.routed(at: offsets)
    pass.close()
    return OracleToken(
      text: number, position: Position(target), token: text.tokens[target], whole: whole,
      shared: shared, bests: bests, routed: routed)
  }
}
