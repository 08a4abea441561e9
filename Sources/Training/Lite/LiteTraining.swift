/// The settings of a training with losses at exits and at full depth (Varshney et al. 2023, LITE,
/// arXiv 2310.18581). Without exits it is plain fine-tuning; with noise it is Make Some Noise
/// (arXiv 2406.17404).
package struct LiteTraining: Hashable, Sendable {
  /// Blocks executed before each exit that has a loss, ascending.
  package var exits: [Int]
  /// The weight of each exit's loss.
  package var exitWeights: [Float]
  /// The weight of the loss at full depth.
  package var lastWeight: Float = 1
  /// The weight of the divergence of full depth from the base's predictions, which keeps it near them; 0
  /// is LITE as published.
  package var guardWeight: Float = 0
  /// Noise in the inputs of the steps' texts; nil for none.
  package var noise: InputNoise?
  /// What keeps the task without noise; nil: nothing does.
  package var clean: CleanGuard?
  /// Whether a step has the loss of one exit only, each in turn (Elhoushi et al. 2024, LayerSkip,
  /// arXiv 2404.16710).
  package var rotates = false
  /// Whether the projections themselves are trained, as published, and not LoRA deltas.
  package var isFull = false
  /// The rank of the LoRA deltas.
  package var rank = 16
  /// α: a delta is `alpha / rank · B · A`.
  package var alpha: Float = 32
  /// Optimiser steps.
  package var steps: Int
  /// Texts of a step.
  package var batch = 8
  /// Positions of a text that have a loss at most, drawn anew for each step.
  package var positions = 128
  /// The greatest length of a text.
  package var length = 256
  /// Rows that pass through the base together: short texts share a pass, since products of many rows
  /// are faster.
  package var rowsAtOnce: Int { max(length, 512) }
  /// The peak of the learning rate.
  package var rate: Float = 3e-4
  /// The optimiser.
  package var optimizer = AdamW()
  /// The seed of initial values, order, drawn positions and noise.
  package var seed: UInt64 = 0
  /// What the training is called.
  var name: String { noise == nil ? "LITE" : exits.isEmpty ? "MSN" : "MSN LITE" }
  /// Held-out texts that the training is measured on at most.
  package var heldOutLimit = 24

  /// Losses of equal weight at `exits` and at full depth.
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

  /// The part of `texts` that the training uses: as many as its steps take, drawn at random, and some
  /// held-out ones to evaluate on.
  package func used(of texts: [TrainingText]) -> [TrainingText] {
    let fitting = texts.filter { $0.tokens.count <= length }
    var generator = CounterGenerator(seed: seed, .order, 0)
    let trained = fitting.filter { !$0.isHeldOut }.shuffled(using: &generator)
    return Array(
      fitting.filter(\.isHeldOut).prefix(heldOutLimit) + trained.prefix(steps * batch))
  }

  /// Gradient accumulators: gradients of whole projections take so much memory that there are two.
  var accumulatorCount: Int { isFull ? 2 : Parameters.accumulatorCount }

  /// The exits with a loss in step `step`, 0 for the first, as indices.
  func activeExits(step: Int) -> [Int] {
    rotates && !exits.isEmpty ? [step % exits.count] : Array(exits.indices)
  }
}
