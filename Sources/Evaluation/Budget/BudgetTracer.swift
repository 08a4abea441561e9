package import Dials
import Kernels
package import Transformer

/// Reads answers as they were written, with big feed-forwards and once more under each of some rules, and
/// counts where the most probable token is another.
///
/// Prompts are read whole, as the engine reads them, and the rows of an answer choose, so that keys and values
/// of later tokens are those of a routed text. The answer's first token comes out of the prompt's own pass
/// and counts nowhere.
package final class BudgetTracer {
  /// What was counted under one rule.
  package struct Count: Hashable, Sendable {
    /// Answer by answer, positions and those where the token is not the whole model's.
    package var errors = ErrorCounts(counts: [], misses: [])
    /// Feed-forwards that ran big.
    package var big = 0
    /// Weight bytes of all positions, heads included, each as a row alone.
    package var bytes = 0
  }

  /// The rules, in their order.
  package let rules: [FeedForwardRule]
  /// By rule, what was counted.
  package private(set) var counts: [Count]
  /// Positions whose token is the whole model's most probable one.
  package private(set) var followed = 0
  /// Positions.
  package private(set) var positionCount = 0

  private let pass: ForwardPass
  private let modules: SmallFeedForwards

  /// A tracer of texts of up to `length` tokens. Nil where the model has no small feed-forwards.
  package init?(_ runtime: ModelRuntime, rules: [FeedForwardRule], length: Int) {
    guard let modules = runtime.feedForwards else { return nil }
    self.modules = modules
    self.rules = rules
    counts = rules.map { _ in Count() }
    pass = ForwardPass(runtime, capacity: length)
  }

  /// Feed-forwards of all positions.
  package var feedForwardCount: Int { positionCount * pass.blockCount }

  /// Weight bytes that the whole model reads for all positions.
  package var denseBytes: Int { positionCount * pass.weights.byteCount }

  /// Reads a text; one whose answer has a single token leaves nothing to decide, and is passed over.
  package func read(_ text: AnswerText) {
    guard text.answer.count > 1, !text.prompt.isEmpty else { return }
    let answer = text.answer[...].dropLast()
    pass.truncate(to: 0)
    pass.read(text.prompt[...])
    let truth = choices(of: answer, rule: nil) { _ in }
    positionCount += truth.count
    followed += zip(truth, text.answer.dropFirst()).count { $0 == $1 }
    for index in rules.indices {
      pass.truncate(to: text.prompt.count)
      let said = choices(of: answer, rule: rules[index]) { scores in
        let route = Route.plain.routed(by: rules[index], scores)
        counts[index].big += pass.blockCount - route.small.count
        counts[index].bytes +=
          modules.work(of: route, in: pass.weights).bytes + pass.weights.head.byteCount
      }
      counts[index].errors.counts.append(truth.count)
      counts[index].errors.misses.append(zip(truth, said).count { $0 != $1 })
    }
  }

  /// The most probable token behind each of `tokens`, which are read behind what is committed; `visit` gets
  /// the scores of each row.
  private func choices(
    of tokens: ArraySlice<TokenID>, rule: FeedForwardRule?, visit: ([Float]) -> Void
  ) -> [TokenID] {
    var choices: [TokenID] = []
    pass.readParts(of: tokens) { part in
      pass.run(rows: part.rows, blocks: 0..<pass.blockCount, rule: rule)
      for some in pass.headParts(of: Array(part.rows)) {
        let logits = pass.logits(rows: some)
        choices += (0..<some.count).map { logits.argmax(row: $0) }
      }
      if rule != nil { for row in part.rows { visit(pass.routerScores(row: row)) } }
    }
    return choices
  }
}
