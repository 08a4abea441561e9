package import Kernels
import Transformer

/// Trains exit modules on the hidden states of the frozen base, to predict what full depth predicts.
///
/// A step takes a batch of positions in a random order; each exit and each gradient accumulator is a
/// piece of work of its own, so a step gives the same bits on any number of threads.
package final class ExitTrainer {
  /// What one step came to.
  package struct StepReport: Sendable {
    /// Its number, from 1.
    package var step: Int
    /// The mean divergence from the teacher per exit, in nats.
    package var losses: [Double]
    /// The norm of the gradient before clipping.
    package var gradientNorm: Double
    /// The learning rate.
    package var rate: Float
  }

  /// The settings.
  package let settings: ExitTraining
  /// What is trained.
  package let parameters: Parameters
  /// Steps taken.
  package internal(set) var step = 0
  /// The frequent tokens, most frequent first.
  package let shortlist: [Int32]

  let head: FrozenHead
  let cache: HiddenCache
  let blas: BLAS
  let pool: ThreadPool
  let workspaces: [ExitWorkspace]
  private let frequentRows: FrequentRows
  private let schedule: Schedule
  private var order: EpochOrder

  /// A trainer at its first step. `cache` holds the hidden states at the depths of the modules, in
  /// their order; `shortlist` holds frequent tokens, each once.
  package init(
    _ settings: ExitTraining, head: FrozenHead, cache: HiddenCache, shortlist: [Int32],
    pool: ThreadPool
  ) throws(TrainingError) {
    guard settings.modules.map(\.depth) == cache.description.depths,
      cache.description.width == head.width
    else {
      throw TrainingError(
        .badSetting, at: "--exits", "the cache was made for other exits. Remove it and try again.")
    }
    guard !cache.trainingRange.isEmpty else {
      throw TrainingError(
        .emptyData, at: "data", "there is no position to train on. Give more text.")
    }
    blas = try BLAS.shared()
    self.settings = settings
    self.head = head
    self.cache = cache
    self.shortlist = shortlist
    self.pool = pool
    schedule = Schedule(peak: settings.rate, steps: settings.steps)
    order = EpochOrder(count: cache.trainingRange.count, seed: settings.seed)
    parameters = Parameters(settings.modules.flatMap { $0.shapes(width: head.width) })
    for module in settings.modules {
      module.initialize(parameters, outputNorm: head.norm, seed: settings.seed)
    }
    let frequentRows = FrequentRows(head: head, ids: shortlist)
    self.frequentRows = frequentRows
    workspaces = (0..<pool.count).map { _ in
      ExitWorkspace(settings, head: head, frequent: frequentRows, topK: cache.description.topK)
    }
  }

  /// Takes one step. Throws when a loss is not finite; the parameters are then those of the step before.
  package func takeStep() throws(TrainingError) -> StepReport {
    let batch = ExitBatch(self, positions: positions(ofStep: step))
    pool.run(batch)
    let losses = batch.losses
    let rate = schedule.rate(at: step + 1)
    let norm =
      losses.allSatisfy(\.isFinite)
      ? settings.optimizer.update(parameters, step: step + 1, rate: rate, pool: pool) : .nan
    guard norm.isFinite else {
      parameters.clearGradient()
      throw .diverged(atStep: step + 1)
    }
    step += 1
    return StepReport(step: step, losses: losses, gradientNorm: norm, rate: rate)
  }

  /// The positions of a step: the next ones of the epoch's order.
  private func positions(ofStep step: Int) -> [Int] {
    let first = cache.trainingRange.lowerBound
    return order.batch(step, size: settings.batchSize).map { first + $0 }
  }

  /// The values of a module's tensors.
  func values(of module: ExitShape) -> ExitTensors? {
    ExitTensors(module) { parameters.entry($0).map(parameters.values(of:)) }
  }

  /// A pass of a module as it stands.
  func pass(of module: ExitShape) -> ExitPass? {
    values(of: module).map { ExitPass($0, epsilon: head.epsilon, blas: blas) }
  }
}

/// The rows of the head of the frequent tokens.
struct FrequentRows {
  let ids: [Int32]
  let matrix: Matrix
  private let memory: [AlignedBytes]

  init(head: FrozenHead, ids: [Int32]) {
    let arena = Arena()
    matrix = Matrix(ids.count, head.width, in: arena)
    for (row, id) in ids.enumerated() {
      matrix[row].update(from: head.matrix[Int(id)], count: head.width)
    }
    memory = arena.pieces
    self.ids = ids
  }
}

/// The memory of one thread for a shard.
final class ExitWorkspace {
  let vocabulary: VocabularySample
  private let width: Int
  private let slab: Matrix
  private let memory: [AlignedBytes]

  init(_ settings: ExitTraining, head: FrozenHead, frequent: FrequentRows, topK: Int) {
    let inner = settings.modules.map(\.kind.inner).max() ?? 0
    let arena = Arena()
    let size = ExitActivations.size(rows: settings.shardRows, width: head.width, inner: inner)
    slab = Matrix(1, size, in: arena)
    memory = arena.pieces
    vocabulary = VocabularySample(
      head: head.matrix, frequent: frequent.ids, frequentRows: frequent.matrix,
      draws: settings.draws, rows: settings.shardRows, topK: topK)
    width = head.width
  }

  /// Memory for up to a shard's rows on their way through a module.
  func activations(of module: ExitShape, rows: Int) -> ExitActivations {
    ExitActivations(rows: rows, width: width, inner: module.kind.inner, in: slab)
  }
}
