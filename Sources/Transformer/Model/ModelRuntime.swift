package import Kernels

/// What runs a model: its weights, the exits of an adapter, and the threads and kernels that compute.
package struct ModelRuntime: Sendable {
  /// The weights, with what the adapter changes of them.
  package let weights: Weights
  /// The exits of an adapter; nil where none is in use.
  package internal(set) var exits: ExitModules?
  /// Small feed-forwards beside the big ones; nil where none are in use.
  package internal(set) var feedForwards: SmallFeedForwards?
  /// The kernels of a pass.
  package let kernels: KernelSet
  /// The threads that share a pass.
  package let pool: ThreadPool

  /// A runtime of `weights`, changed as the adapter of `exits` changes them.
  package init(
    weights: Weights, exits: ExitModules? = nil, feedForwards: SmallFeedForwards? = nil,
    kernels: KernelSet = .best, pool: ThreadPool
  ) {
    self.weights = exits.map { weights.changed(by: $0.changes) } ?? weights
    self.exits = exits
    self.feedForwards = feedForwards
    self.kernels = kernels
    self.pool = pool
  }

  /// The same model without the adapter's exits; what the adapter changes of the weights stays.
  package var withoutExits: ModelRuntime {
    var runtime = self
    runtime.exits = nil
    return runtime
  }
}
