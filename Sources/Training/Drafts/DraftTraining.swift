/// The settings of a training of a draft head.
package struct DraftTraining: Hashable, Sendable {
  /// Width of the head's gated feed-forward.
  package var inner = 512
  /// Guesses in a row that are learnt: each goes on from the state of the one before.
  package var guesses = 3
  /// The weight of a guess beside the one before it: it counts only where all before it were right.
  package var decay: Float = 0.7
  /// Optimiser steps.
  package var steps: Int
  /// Positions of a shard: what one thread takes at a time.
  package var shardRows = 256
  /// Shards of a step.
  package var shardsPerStep = 8
  /// The peak of the learning rate.
  package var rate: Float = 1e-3
  /// The optimiser.
  package var optimizer = AdamW()
  /// The seed of initial values and order.
  package var seed: UInt64 = 0

  /// The usual settings.
  package init(steps: Int) { self.steps = steps }

  /// Positions of a step.
  package var batchSize: Int { shardRows * shardsPerStep }

  /// The weights of the guesses, which add up to 1.
  var weights: [Float] {
    let raw = (0..<guesses).map { decay.raised(to: $0) }
    let sum = raw.reduce(0, +)
    return raw.map { $0 / sum }
  }
}
