package import Kernels
package import Transformer

/// Trains a draft head on the hidden states of the frozen base, to say what full depth says next.
///
/// From a position's stream and the token behind it the head guesses what full depth says there, and from
/// its own state and the token after that the next one, as many times as guesses are learnt. The tokens are
/// the text's, so a later guess learns what it shall say where those before it were right.
package final class DraftTrainer {
  /// What one step came to.
  package struct StepReport: Sendable {
    /// Its number, from 1.
    package var step: Int
    /// The mean divergence from the teacher per guess, in nats.
    package var losses: [Double]
    /// The norm of the gradient before clipping.
    package var gradientNorm: Double
  }

  /// The settings.
  package let settings: DraftTraining
  /// The form of the head.
  package let shape: DraftShape
  /// What is trained.
  package let parameters: Parameters
  /// The tokens that can be guessed, most frequent first.
  package let tokens: [Int32]
  /// Steps taken.
  package internal(set) var step = 0

  let weights: Weights
  let cache: HiddenCache
  let positions: DraftPositions
  let targets: DraftTargets
  let blas: BLAS
  let pool: ThreadPool
  let workspaces: [DraftWorkspace]
  private let schedule: Schedule
  private let anchors: [Int32]
  private var order: EpochOrder

  /// A trainer at its first step. `cache` holds the streams behind the last block of `texts`; `tokens` are
  /// those that can be guessed, each once.
  package init(
    _ settings: DraftTraining, weights: Weights, head: FrozenHead, cache: HiddenCache,
    texts: [TrainingText], tokens: [Int32], pool: ThreadPool
  ) throws(TrainingError) {
    let blueprint = weights.blueprint
    guard cache.description.depths == [blueprint.blockCount], tokens.count > 0 else {
      throw TrainingError(
        .badSetting, at: "data",
        "there is nothing to guess, or the cache is of another kind. Give more text.")
    }
    blas = try BLAS.shared()
    shape = DraftShape(width: head.width, inner: settings.inner, tokenCount: tokens.count)
    self.settings = settings
    self.weights = weights
    self.cache = cache
    self.tokens = tokens
    self.pool = pool
    positions = DraftPositions(texts, count: cache.description.count)
    targets = DraftTargets(tokens: tokens, vocabularyCount: blueprint.vocabularyCount)
    anchors = positions.anchors(in: cache.trainingRange)
    guard !anchors.isEmpty else {
      throw TrainingError(
        .emptyData, at: "data",
        "no answer has three tokens to learn from. Give longer answers, or more of them.")
    }
    order = EpochOrder(count: anchors.count, seed: settings.seed)
    schedule = Schedule(peak: settings.rate, steps: settings.steps)
    parameters = Parameters(shape.shapes)
    let shape = shape
    workspaces = (0..<pool.count).map { _ in
      DraftWorkspace(shape, guesses: settings.guesses, rows: settings.shardRows)
    }
    initialize(head)
  }

  /// The first values: the output begins as the base's own head, the feed-forward adds nothing.
  private func initialize(_ head: FrozenHead) {
    var generator = CounterGenerator(seed: settings.seed, .initialValues)
    for part in [DraftShape.Part.ffnGate, .ffnUp] {
      guard let entry = parameters.entry(part.name) else { continue }
      let deviation = 1 / Float(entry.columns).squareRoot()
      parameters.randomize(entry, deviation: deviation, using: &generator)
    }
    guard let output = parameters.entry(DraftShape.Part.output.name) else { return }
    let values = parameters.values(of: output)
    for (row, token) in tokens.enumerated() {
      for i in 0..<head.width { values[row][i] = head.matrix[Int(token)][i] * head.norm[i] }
    }
  }

  /// Takes one step. Throws when a loss is not finite; the parameters are then those of the step before.
  package func takeStep() throws(TrainingError) -> StepReport {
    let batch = batch
    pool.run(batch)
    let losses = batch.losses
    let norm =
      losses.allSatisfy(\.isFinite)
      ? settings.optimizer.update(
        parameters, step: step + 1, rate: schedule.rate(at: step + 1), pool: pool) : .nan
    guard norm.isFinite else {
      parameters.clearGradient()
      throw .diverged(atStep: step + 1)
    }
    step += 1
    return StepReport(step: step, losses: losses, gradientNorm: norm)
  }

  /// The work of the next step.
  private var batch: DraftBatch {
    DraftBatch(
      self, anchors: order.batch(step, size: settings.batchSize).map { Int(anchors[$0]) })
  }

  /// The gradient of the next step's loss for all parameters; nothing is changed.
  package func gradientOfNextStep() -> [Float] {
    pool.run(batch)
    return parameters.takeGradient()
  }

  /// The loss of the next step: what `gradientOfNextStep` is the gradient of.
  package func lossOfNextStep() -> Double {
    let batch = batch
    pool.run(batch)
    parameters.clearGradient()
    return batch.weightedLoss
  }

  /// The pass of the head as it stands.
  var pass: DraftPass? {
    DraftTensors { parameters.entry($0).map(parameters.values(of:)) }
      .map { DraftPass(blas: blas, w: $0) }
  }
}

/// The memory of one thread for a shard: what each guess of its rows takes.
final class DraftWorkspace {
  private let shape: DraftShape
  private let slabs: [Matrix]
  private let memory: [AlignedBytes]

  init(_ shape: DraftShape, guesses: Int, rows: Int) {
    let arena = Arena()
    let size = DraftActivations.size(shape, rows: rows)
    slabs = (0..<guesses).map { _ in Matrix(1, size, in: arena) }
    memory = arena.pieces
    self.shape = shape
  }

  /// Memory of a guess for up to a shard's rows.
  func activations(_ guess: Int, rows: Int) -> DraftActivations {
    DraftActivations(shape, rows: rows, at: slabs[guess].base)
  }
}
