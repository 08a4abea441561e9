import Kernels
import Transformer

/// The work of one step: for each exit and gradient accumulator, its shards one after the other.
final class ExitBatch: PoolTask {
  private let trainer: ExitTrainer
  private let positions: [Int]
  /// The sum of divergences per exit and accumulator.
  private let sums: Matrix
  private let memory: [AlignedBytes]

  init(_ trainer: ExitTrainer, positions: [Int]) {
    self.trainer = trainer
    self.positions = positions
    let arena = Arena()
    sums = Matrix(trainer.settings.modules.count, Parameters.accumulatorCount, in: arena)
    memory = arena.pieces
  }

  /// The mean divergence per exit in nats.
  var losses: [Double] {
    (0..<sums.rows).map { exit in
      (0..<sums.columns).reduce(0.0) { $0 + Double(sums[exit][$1]) } / Double(positions.count)
    }
  }

  func run(as worker: inout PoolWorker, of pool: ThreadPool) {
    let space = trainer.workspaces[worker.index]
    let accumulators = Parameters.accumulatorCount
    pool.share(trainer.settings.modules.count * accumulators, chunk: 1, by: &worker) { part in
      for item in part {
        run(exit: item / accumulators, accumulator: item % accumulators, space: space)
      }
    }
  }

  private func run(exit: Int, accumulator: Int, space: ExitWorkspace) {
    let settings = trainer.settings
    let module = settings.modules[exit]
    let parameters = trainer.parameters
    let gradients = ExitTensors(module) { name in
      parameters.entry(name).map { parameters.gradient(of: $0, accumulator: accumulator) }
    }
    guard let pass = trainer.pass(of: module), let gradients else { return }
    var sum = 0.0
    for shard in stride(
      from: accumulator, to: settings.shardsPerStep, by: Parameters.accumulatorCount)
    {
      let rows = shard * settings.shardRows..<(shard + 1) * settings.shardRows
      sum += add(positions[rows], shard: shard, exit: exit, pass, gradients, space)
    }
    sums[exit][accumulator] = Float(sum)
  }

  /// Adds the gradients of one shard to `gradients`, and returns the sum of its divergences.
  private func add(
    _ positions: ArraySlice<Int>, shard: Int, exit: Int, _ pass: ExitPass,
    _ gradients: ExitTensors, _ space: ExitWorkspace
  ) -> Double {
    let settings = trainer.settings
    let activations = space.activations(of: settings.modules[exit], rows: positions.count)
    trainer.cache.readStreams(positions, exit: exit, into: activations.stream)
    let teacher = trainer.cache.teacherTopK(positions)
    var generator = CounterGenerator(
      seed: settings.seed, .negatives, trainer.step * settings.shardsPerStep + shard)
    space.vocabulary.choose(teacher.ids, using: &generator)
    pass.forward(activations)
    let sum = space.vocabulary.divergence(
      trainer.blas, activations.output, probabilities: teacher.probabilities,
      weight: 1 / Float(self.positions.count), gradient: activations.outputGradient)
    pass.backward(activations, gradients: gradients)
    return sum
  }
}
