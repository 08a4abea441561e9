package import Dials
import Foundation

/// One block removed, and what that did.
package struct PruningStep: Hashable, Codable, Sendable {
  /// The block, 0-based, as the whole model counts.
  package var block: BlockIndex
  /// The mean loss of a calibration token in nats, with this block and all earlier ones gone.
  package var loss: Double
  /// The summed loss of each calibration sequence.
  package var sequenceLosses: [Double]
  /// What a token would have cost more in nats without each block that could have gone instead, as far as
  /// it was measured. Keys are block indices.
  package var costs: [String: Double]

  /// A step that left these summed losses of sequences with `scoredCount` scored tokens.
  package init(
    block: BlockIndex, losses: [Double], scoredCount: Int, costs: [BlockIndex: Double]
  ) {
    self.block = block
    loss = losses.reduce(0, +) / Double(max(1, scoredCount))
    sequenceLosses = losses
    self.costs = Dictionary(uniqueKeysWithValues: costs.map { ("\($0.key.rawValue)", $0.value) })
  }

  /// The perplexity of the calibration text.
  package var perplexity: Double { exp(loss) }
}
