package import Dials
import Kernels
package import Transformer

/// What a pattern is worth for a token, beside the whole model.
package struct PatternScore: Hashable, Sendable {
  /// `−ln p` of the token that follows, in nats.
  package var loss: Double
  /// `KL(whole model ‖ pattern)` in nats, over the whole vocabulary.
  package var divergence: Double
  /// Whether the most probable token is the whole model's.
  package var agrees: Bool

  /// A score.
  package init(loss: Double, divergence: Double, agrees: Bool) {
    self.loss = loss
    self.divergence = divergence
    self.agrees = agrees
  }
}

/// What the routers' own path is worth for a token.
package struct RoutedScore: Hashable, Sendable {
  /// The share of feed-forwards that were big.
  package var share: Double
  /// What came of it.
  package var score: PatternScore

  /// A score at a share.
  package init(share: Double, score: PatternScore) {
    self.share = share
    self.score = score
  }
}

/// Runs patterns of feed-forwards for one token at a time.
///
/// The text before the token was read by the whole model: its keys and values are those of big
/// feed-forwards. Only the token's own way varies, its own keys and values included.
package final class PatternPass {
  /// The groups of blocks.
  package let groups: BlockGroups
  private let pass: ForwardPass
  private let routes: [Route]
  /// The token that follows the open one, and what the whole model says there.
  private var target = TokenID(0)
  private var whole: KeptDistribution?

  /// Rows that go through a block together: their activations stay in a core's cache.
  private static let rowsAtOnce = 128

  /// A pass for texts of up to `length` tokens and up to `patternLimit` patterns at a time.
  package init(
    _ runtime: ModelRuntime, groups: BlockGroups, length: Int, patternLimit: Int
  ) {
    self.groups = groups
    pass = ForwardPass(runtime, capacity: length, rowCapacity: max(128, patternLimit + 1))
    let all = BlockSet(indices: 0..<groups.blockCount)
    routes = FeedForwardOption.allCases.map { option in
      switch option {
      case .big: .plain
      case .small: Route(small: all)
      case .skip: Route(bare: all)
      }
    }
  }

  /// Forgets the text.
  package func begin() { pass.truncate(to: 0) }

  /// Takes tokens into the text.
  package func read(_ tokens: ArraySlice<TokenID>) { pass.read(tokens) }

  /// Puts the next token in flight and runs it through the whole model; `target` follows it. Returns the
  /// whole model's score.
  package func open(_ token: TokenID, target: TokenID) -> PatternScore {
    self.target = target
    pass.append(row(token))
    pass.run(rows: 0..<1, blocks: 0..<groups.blockCount)
    let kept = KeptDistribution(pass.logits(rows: [0]), row: 0)
    whole = kept
    return scores(of: 0..<1, beside: kept)[0]
  }

  /// The scores of a plan's patterns for the open token, in the plan's order.
  package func scores(of plan: PatternPlan) -> [PatternScore] {
    guard let whole, plan.rowCount > 0 else { return [] }
    let first = fresh()
    for (group, level) in plan.levels.enumerated() {
      for row in level.forks { pass.fork(row: first + row) }
      let count = level.options.count
      for start in stride(from: 0, to: count, by: Self.rowsAtOnce) {
        let part = start..<min(start + Self.rowsAtOnce, count)
        pass.run(
          rows: first + part.lowerBound..<first + part.upperBound, blocks: groups[group],
          routes: level.options[part].map { routes[Int($0.rawValue)] })
      }
    }
    let scores = scores(of: first..<first + plan.rowCount, beside: whole)
    return plan.rows.map { scores[$0] }
  }

  /// What the routers' way is worth for the open token, at each of `offsets`.
  package func routed(at offsets: [Double]) -> [RoutedScore] {
    guard let whole else { return [] }
    let (blockCount, first) = (groups.blockCount, fresh())
    return offsets.enumerated().map { number, offset in
      let row = first + number
      if number > 0 { pass.append(self.row(pass.token(ofRow: 0))) }
      let rule = FeedForwardRule(offset: Float(offset))
      pass.run(rows: row..<row + 1, blocks: 0..<blockCount, rule: rule)
      let big = pass.routerScores(row: row).count { rule.action(score: $0) == .run }
      return RoutedScore(
        share: Double(big) / Double(blockCount),
        score: scores(of: row..<row + 1, beside: whole)[0])
    }
  }

  /// Takes the open token into the text as the whole model has it.
  package func close() {
    pass.commit(path: [0])
    whole = nil
  }

  /// Drops all variants of the open token and begins a new one, whose index is returned.
  private func fresh() -> Int {
    pass.drop(after: 1)
    return pass.append(row(pass.token(ofRow: 0)))
  }

  /// The row of a token that follows the text.
  private func row(_ token: TokenID) -> Row {
    Row(token: token, position: Position(pass.cache.committedCount), parent: nil)
  }

  private func scores(of rows: Range<Int>, beside whole: KeptDistribution) -> [PatternScore] {
    let target = target
    return pass.headParts(of: Array(rows)).flatMap { part in
      let logits = pass.logits(rows: part)
      return pass.pool.map(part.count) { row -> PatternScore in
        let found = whole.comparison(with: logits, row: row, target: target)
        return PatternScore(
          loss: found.loss, divergence: found.divergence, agrees: found.agrees)
      }
    }
  }
}
