import Techniques
import Transformer

extension PassCost {
  /// Costs of which nothing more is learned, for all passes that a round may make.
  init(fixed costs: FixedCosts, of weights: Weights) {
    let share = weights.attentionShare
    self.init(
      costs.rows,
      attention: Shares(
        first: costs.firstAttention * share, further: costs.furtherAttention * share))
  }

  /// Costs that times will correct. A position costs every row half as much again as its
  /// multiplications, because keys and values are unpacked as well: that is where learning starts.
  init(measured costs: CostTable, of weights: Weights) {
    let share = 1.5 * weights.attentionShare
    self.init(costs, attention: Shares(first: share, further: share))
  }

  private init(_ costs: CostTable, attention: Shares) {
    let costs = costs.convex
    self.init(table: (1...97).map { costs.cost(of: $0) }, attention: attention)
  }
}

extension Weights {
  /// What attention to one position multiplies, as a share of a pass of one row.
  fileprivate var attentionShare: Double {
    let without = Double(denseWork(at: -1).macs)
    let one = Double(denseWork(at: 0).macs) - without
    return without > 0 ? one / without : 0
  }
}
