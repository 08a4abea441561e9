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
  /// Whether the projections themselves are trained, as published, and not changes of low rank.
  package var isFull = false
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
  /// Rows that go through the trunk together: short texts share them, since products of many rows are
  /// faster.
  package var rowsAtOnce: Int { max(length, 512) }
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

  /// Those of `texts` that the training comes to: as many as its steps take, drawn at random, and some
  /// of the held-out ones to measure by.
  package func used(of texts: [TrainingText]) -> [TrainingText] {
    let fitting = texts.filter { $0.tokens.count <= length }
    var generator = CounterGenerator(seed: seed, .order, 0)
    let trained = fitting.filter { !$0.isHeldOut }.shuffled(using: &generator)
    return Array(
      fitting.filter(\.isHeldOut).prefix(Self.heldOutLimit) + trained.prefix(steps * batch))
  }

  /// Held-out texts that a training is measured by.
  package static let heldOutLimit = 24

  /// Lanes of slopes: slopes of whole projections take so much memory that there are two.
  var laneCount: Int { isFull ? 2 : Parameters.laneCount }

  /// The exits with a loss in step `step`, 0 for the first, as indices.
  func activeExits(step: Int) -> [Int] {
    rotates && !exits.isEmpty ? [step % exits.count] : Array(exits.indices)
  }
}
