package import Transformer

/// The settings of a training of exit modules.
package struct ExitTraining: Hashable, Sendable {
  /// The modules, by ascending depth.
  package var modules: [ExitShape]
  /// Optimiser steps.
  package var steps: Int
  /// Positions of a shard: what one thread takes at a time.
  package var shardRows = 256
  /// Shards of a step.
  package var shardsPerStep = 8
  /// Tokens drawn for the sampled softmax beside the frequent ones and the teacher's top k.
  package var draws = 1024
  /// The peak of the learning rate.
  package var rate: Float = 1.5e-3
  /// The optimiser.
  package var optimizer = AdamW()
  /// The seed of initial values, order and drawn tokens.
  package var seed: UInt64 = 0

  /// The usual settings.
  package init(modules: [ExitShape], steps: Int) {
    self.modules = modules
    self.steps = steps
  }

  /// Positions of a step.
  package var batchSize: Int { shardRows * shardsPerStep }
}
