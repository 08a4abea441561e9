package import Dials
import Foundation

/// What is known of a model's blocks, for a person who chooses which to leave out.
package struct BlockFacts: Hashable, Sendable {
  /// What a token costs more in nats without a block, as far as it was measured.
  package var costs: [BlockIndex: Double]
  /// The blocks in the order in which a search takes them.
  package var order: [BlockIndex]

  /// Facts about blocks.
  package init(costs: [BlockIndex: Double], order: [BlockIndex]) {
    self.costs = costs
    self.order = order
  }

  /// What perplexity rises by without the block, as a share; nil when it was not measured.
  package func rise(without block: BlockIndex) -> Double? { costs[block].map { exp($0) - 1 } }
}
