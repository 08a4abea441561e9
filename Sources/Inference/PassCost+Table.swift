import Techniques
import Transformer

extension PassCost {
  /// Costs from a table measured in a moment, for all passes that a round may make.
  init(_ costs: CostTable, attentionShare: Double) {
    let costs = costs.convex
    self.init(
      table: (1...97).map { costs.cost(of: $0) },
      attention: Shares(first: attentionShare, further: attentionShare))
  }
}

extension Weights {
  /// A first draft token at what attention to one position costs, in passes of one row: its share of the
  /// multiplications, half as much again because keys and values are unpacked as well.
  var attentionShare: Double {
    let without = Double(denseWork(at: -1).macs)
    let one = Double(denseWork(at: 0).macs) - without
    return without > 0 ? 1.5 * one / without : 0
  }
}
