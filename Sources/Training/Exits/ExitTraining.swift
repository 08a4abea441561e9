/// The settings of a training of exit modules.
package struct ExitTraining: Hashable, Sendable {
  /// What is trained, by ascending depth.
  package var modules: [ExitShape]
  /// Optimiser steps.
  package var steps: Int
  /// Positions of a shard: what one thread takes at a time.
  package var shardRows = 256
  /// Shards of a step.
  package var shardsPerStep = 8
  /// Tokens of the vocabulary that the loss looks at beside the frequent and the named ones.
  package var draws = 1024
  /// The greatest rate.
  package var rate: Float = 1.5e-3
  /// The optimiser.
  package var optimizer = AdamW()
  /// Decides the first values, the order and what is drawn.
  package var seed: UInt64 = 0

  /// The usual settings.
  package init(modules: [ExitShape], steps: Int) {
    self.modules = modules
    self.steps = steps
  }

  /// Positions of a step.
  package var batchSize: Int { shardRows * shardsPerStep }
}
