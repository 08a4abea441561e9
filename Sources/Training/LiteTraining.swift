/// The settings of a training with losses at exits and at the last layer (Varshney et al. 2023, LITE,
/// arXiv 2310.18581).
package struct LiteTraining: Hashable, Sendable {
  /// Blocks executed before each exit that has a loss, ascending.
  package var exits: [Int]
  /// The weight of each exit's loss.
  package var exitWeights: [Float]
  /// The weight of the last layer's loss.
  package var lastWeight: Float = 1
  /// The weight of the last layer's divergence from the base, which keeps it where it was; 0 is
  /// LITE as published.
  package var guardWeight: Float = 0
  /// Whether a step has the loss of one exit only, each in turn (Elhoushi et al. 2024, LayerSkip,
  /// arXiv 2404.16710).
  package var rotates = false
  /// The rank of the changes.
  package var rank = 16
  /// α: a change is `alpha / rank · B · A`.
  package var alpha: Float = 32
  /// Optimiser steps.
  package var steps: Int
  /// Texts of a step.
  package var batch = 8
  /// Positions of a text that have a loss, drawn anew each time.
  package var positions = 128
  /// The greatest length of a text.
  package var length = 256
  /// The greatest rate.
  package var rate: Float = 3e-4
  /// The optimiser.
  package var optimizer = AdamW()
  /// Decides the first values, the order and what is drawn.
  package var seed: UInt64 = 0

  /// Losses of equal weight at `exits` and at the last layer.
  package init(exits: [Int], steps: Int) {
    self.exits = exits
    self.steps = steps
    exitWeights = exits.map { _ in 1 }
    optimizer.weightDecay = 0
  }

  /// The exits of the paper for a model of this many blocks: every fourth from a quarter of the depth
  /// on, as {8, 12, … 28} of 32.
  package static func publishedExits(blockCount: Int) -> [Int] {
    let apart = max(1, blockCount / 8)
    return Array(stride(from: max(1, blockCount / 4), to: blockCount, by: apart))
  }

  /// The exits with a loss in step `step`, 0 for the first, as indices.
  func activeExits(step: Int) -> [Int] {
    rotates && !exits.isEmpty ? [step % exits.count] : Array(exits.indices)
  }
}
