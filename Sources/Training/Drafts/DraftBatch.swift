import Kernels
import Transformer

/// The work of one step: each gradient accumulator takes its shards one after the other.
final class DraftBatch: PoolTask {
  private let trainer: DraftTrainer
  private let anchors: [Int]
  /// The sum of divergences and the count of rows per guess and accumulator.
  private let sums: Matrix
  private let counts: Matrix
  private let memory: [AlignedBytes]

  init(_ trainer: DraftTrainer, anchors: [Int]) {
    self.trainer = trainer
    self.anchors = anchors
    let arena = Arena()
    sums = Matrix(trainer.settings.guesses, Parameters.accumulatorCount, in: arena)
    counts = Matrix(trainer.settings.guesses, Parameters.accumulatorCount, in: arena)
    memory = arena.pieces
  }

  /// The mean divergence per guess in nats.
  var losses: [Double] {
    (0..<sums.rows).map { total(sums, $0) / max(1, total(counts, $0)) }
  }

  /// What the gradient is the gradient of: the divergences by the weights of the guesses, per anchor.
  var weightedLoss: Double {
    zip(trainer.settings.weights, 0..<sums.rows).reduce(0) {
      $0 + Double($1.0) * total(sums, $1.1) / Double(anchors.count)
    }
  }

  private func total(_ matrix: Matrix, _ guess: Int) -> Double {
    (0..<matrix.columns).reduce(0) { $0 + Double(matrix[guess][$1]) }
  }

  func run(as worker: inout PoolWorker, of pool: ThreadPool) {
    let space = trainer.workspaces[worker.index]
    pool.share(Parameters.accumulatorCount, chunk: 1, by: &worker) { part in
      for accumulator in part { run(accumulator, space) }
    }
  }

  private func run(_ accumulator: Int, _ space: DraftWorkspace) {
    let (settings, parameters) = (trainer.settings, trainer.parameters)
    let gradients = DraftTensors { name in
      parameters.entry(name).map { parameters.gradient(of: $0, accumulator: accumulator) }
    }
    guard let pass = trainer.pass, let gradients else { return }
    for shard in stride(
      from: accumulator, to: settings.shardsPerStep, by: Parameters.accumulatorCount)
    {
      let rows = shard * settings.shardRows..<(shard + 1) * settings.shardRows
      let chain = DraftChain(trainer, anchors: Array(anchors[rows]), pass, space)
      for guess in 0..<chain.guesses.count {
        chain.forward(guess)
        sums[guess][accumulator] += Float(
          chain.loss(guess, weight: settings.weights[guess] / Float(anchors.count)))
        counts[guess][accumulator] += Float(chain.guesses[guess].rows)
      }
      chain.backward(gradients)
    }
  }
}

/// Rows that guess several tokens in a row. Those with most followers come first, so that every guess has the
/// first rows of the one before.
struct DraftChain {
  private let trainer: DraftTrainer
  private let anchors: [Int]
  private let pass: DraftPass
  /// By guess, the memory of its rows; guesses that no row has are left out.
  let guesses: [DraftActivations]

  init(_ trainer: DraftTrainer, anchors: [Int], _ pass: DraftPass, _ space: DraftWorkspace) {
    self.trainer = trainer
    self.pass = pass
    let following = trainer.positions.following
    let limit = trainer.settings.guesses
    func followers(_ anchor: Int) -> Int { min(limit, Int(following[anchor])) }
    // A stable order, whatever the sort.
    let ordered = anchors.enumerated().sorted {
      (followers($1.element), $0.offset) < (followers($0.element), $1.offset)
    }
    self.anchors = ordered.map(\.element)
    let counts = (0..<limit).map { trainer.positions.count(of: anchors, guess: $0) }
    guesses = counts.enumerated().filter { $0.element > 0 }.map {
      space.activations($0.offset, rows: $0.element)
    }
  }

  /// The positions at which guess `guess` stands: what full depth says there is its target.
  func targets(of guess: Int) -> [Int] {
    anchors.prefix(guesses[guess].rows).map { $0 + guess + 1 }
  }

  /// Makes a guess, from the streams or from the states of the guess before.
  func forward(_ guess: Int) {
    let s = guesses[guess]
    let width = s.state.columns
    let states = guess == 0 ? s.input.columns(0..<width) : guesses[guess - 1].state.prefix(s.rows)
    if guess == 0 {
      trainer.cache.readStreams(anchors.prefix(s.rows), exit: 0, into: states)
    } else {
      s.input.columns(0..<width).copy(states)
    }
    for row in 0..<s.rows {
      let token = trainer.positions.next[anchors[row] + guess]
      let embedding = s.input[row] + width
      trainer.weights.embed(Int(token), into: embedding)
      let mean = Sum.ofProducts(embedding, embedding, count: width) / Float(width)
      let scale = 1 / (mean + DraftShape.epsilon).squareRoot()
      for i in 0..<width { embedding[i] *= scale }
    }
    pass.forward(s)
  }

  /// The sum of the divergences of a guess from the teacher; its logits become their gradient by `weight`.
  func loss(_ guess: Int, weight: Float) -> Double {
    let s = guesses[guess]
    let teacher = trainer.targets.translated(
      trainer.cache.teacherTopK(targets(of: guess)), topK: trainer.cache.description.topK)
    return Divergence.gradient(
      s.logits, columns: teacher.columns, probabilities: teacher.probabilities,
      weights: Array(repeating: weight, count: s.rows))
  }

  /// Adds the gradients of all guesses, the last one first.
  func backward(_ gradients: DraftTensors) {
    for s in guesses { s.stateGradient.clear() }
    for guess in guesses.indices.reversed() {
      let before = guess == 0 ? nil : guesses[guess - 1].stateGradient.prefix(guesses[guess].rows)
      pass.backward(guesses[guess], gradients: gradients, before: before)
    }
  }
}
