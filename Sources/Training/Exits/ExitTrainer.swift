package import Kernels

/// Trains exit modules on what a frozen trunk computed.
///
/// A step takes a batch of positions in a random order; each exit and each lane of slopes is a piece
/// of work of its own, so a step gives the same numbers on any number of threads.
package final class ExitTrainer {
  /// What one step came to.
  package struct StepReport: Sendable {
    /// Its number, from 1.
    package var step: Int
    /// The mean divergence from the last layer per exit, in nats.
    package var losses: [Double]
    /// The norm of all slopes before clipping.
    package var slopeNorm: Double
    /// The rate.
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
  let crew: WorkCrew
  let workspaces: [ExitWorkspace]
  private let frequentRows: FrequentRows
  private let schedule: Schedule
  private var order: [Int32] = []
  private var epoch = -1

  /// A trainer at its first step. `cache` holds what the trunk computed at the depths of the modules, in
  /// their order; `shortlist` holds frequent tokens, each once.
  package init(
    _ settings: ExitTraining, head: FrozenHead, cache: HiddenCache, shortlist: [Int32],
    crew: WorkCrew
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
    self.crew = crew
    schedule = Schedule(peak: settings.rate, steps: settings.steps)
    parameters = Parameters(settings.modules.flatMap { $0.shapes(width: head.width) })
    for module in settings.modules {
      module.initialize(parameters, outputNorm: head.norm, seed: settings.seed)
    }
    let frequentRows = FrequentRows(head: head, ids: shortlist)
    self.frequentRows = frequentRows
    workspaces = (0..<crew.count).map { _ in
      ExitWorkspace(settings, head: head, frequent: frequentRows, named: cache.description.named)
    }
  }

  /// Takes one step. Throws when a loss is no number; the parameters are then those of the step
  /// before.
  package func takeStep() throws(TrainingError) -> StepReport {
    let batch = ExitBatch(self, positions: positions(ofStep: step))
    crew.run(batch)
    let losses = batch.losses
    let rate = schedule.rate(at: step + 1)
    let norm =
      losses.allSatisfy(\.isFinite)
      ? settings.optimizer.update(parameters, step: step + 1, rate: rate, crew: crew) : .nan
    guard norm.isFinite else {
      parameters.clearSlopes()
      throw .diverged(atStep: step + 1)
    }
    step += 1
    return StepReport(step: step, losses: losses, slopeNorm: norm, rate: rate)
  }

  /// The positions of a step: the next ones of the epoch's order.
  private func positions(ofStep step: Int) -> [Int] {
    let range = cache.trainingRange
    return (0..<settings.batchSize).map { offset in
      let (epoch, place) = (step * settings.batchSize + offset).quotientAndRemainder(
        dividingBy: range.count)
      if epoch != self.epoch { shuffle(range.count, epoch: epoch) }
      return range.lowerBound + Int(order[place])
    }
  }

  private func shuffle(_ count: Int, epoch: Int) {
    var generator = CounterGenerator(seed: settings.seed, .order, epoch)
    order = Array(0..<Int32(count))
    order.shuffle(using: &generator)
    self.epoch = epoch
  }

  /// The tensors of a module.
  func tensors(of module: ExitShape) -> ExitShape.Tensors? {
    ExitShape.Tensors(module) { name in parameters.entry(name).map(parameters.values(of:)) }
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

/// What one thread needs for a shard.
final class ExitWorkspace {
  let slab: Matrix
  let vocabulary: VocabularySample
  var ids: [Int32] = []
  var probabilities: [Float] = []
  private let memory: [AlignedBytes]

  init(_ settings: ExitTraining, head: FrozenHead, frequent: FrequentRows, named: Int) {
    let inner = settings.modules.map(\.kind.inner).max() ?? 0
    let arena = Arena()
    let size = ExitScratch.size(rows: settings.shardRows, width: head.width, inner: inner)
    slab = Matrix(1, size, in: arena)
    memory = arena.pieces
    vocabulary = VocabularySample(
      head: head.matrix, frequent: frequent.ids, frequentRows: frequent.matrix,
      draws: settings.draws, rows: settings.shardRows, named: named)
  }
}

/// The work of one step: for each exit and lane, the lane's shards one after the other.
private final class ExitBatch: CrewTask {
  private let trainer: ExitTrainer
  private let positions: [Int]
  /// The sum of divergences per exit and lane.
  private let sums: Matrix
  private let memory: [AlignedBytes]

  init(_ trainer: ExitTrainer, positions: [Int]) {
    self.trainer = trainer
    self.positions = positions
    let arena = Arena()
    sums = Matrix(trainer.settings.modules.count, Parameters.laneCount, in: arena)
    memory = arena.pieces
  }

  /// The mean divergence per exit.
  var losses: [Double] {
    (0..<sums.rows).map { exit in
      (0..<sums.columns).reduce(0.0) { $0 + Double(sums[exit][$1]) } / Double(positions.count)
    }
  }

  func run(as member: inout CrewMember, of crew: WorkCrew) {
    let place = member.index
    let lanes = Parameters.laneCount
    crew.share(trainer.settings.modules.count * lanes, chunk: 1, by: &member) { part in
      for item in part { run(exit: item / lanes, lane: item % lanes, member: place) }
    }
  }

  private func run(exit: Int, lane: Int, member: Int) {
    let settings = trainer.settings
    let module = settings.modules[exit]
    guard let w = trainer.tensors(of: module),
      let dw = ExitShape.Tensors(
        module,
        { name in
          trainer.parameters.entry(name).map { trainer.parameters.slopes(of: $0, lane: lane) }
        })
    else { return }
    let space = trainer.workspaces[member]
    let scratch = ExitScratch(
      rows: settings.shardRows, width: trainer.head.width, inner: module.kind.inner, in: space.slab)
    var sum = 0.0
    for shard in stride(from: lane, to: settings.shardsPerStep, by: Parameters.laneCount) {
      let own = positions[shard * settings.shardRows..<(shard + 1) * settings.shardRows]
      trainer.cache.readStreams(own, exit: exit, into: scratch.stream)
      trainer.cache.readTargets(own, ids: &space.ids, probabilities: &space.probabilities)
      var generator = CounterGenerator(
        seed: settings.seed, .negatives, trainer.step * settings.shardsPerStep + shard)
      space.ids.withUnsafeBufferPointer { space.vocabulary.choose($0, using: &generator) }
      ExitShape.forward(trainer.blas, w, epsilon: trainer.head.epsilon, scratch)
      sum += space.probabilities.withUnsafeBufferPointer { probabilities in
        probabilities.baseAddress.map {
          space.vocabulary.loss(
            trainer.blas, scratch.output, probabilities: $0,
            named: trainer.cache.description.named, weight: 1 / Float(positions.count),
            slope: scratch.slope)
        } ?? 0
      }
      ExitShape.backward(trainer.blas, w, slopes: dw, scratch)
    }
    sums[exit][lane] = Float(sum)
  }
}
