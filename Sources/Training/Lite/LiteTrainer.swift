import Dials
package import Kernels
import Transformer

/// Trains changes of low rank of all projections, or the projections themselves, so that exits can
/// speak through the shared norm and head.
///
/// A step takes a batch of texts; each lane of slopes is a piece of work of its own, so a step gives
/// the same numbers on any number of threads.
package final class LiteTrainer {
  /// What one step came to.
  package struct StepReport: Sendable {
    /// Its number, from 1.
    package var step: Int
    /// The mean cross-entropy per exit, in nats; nil where this step has none.
    package var exitLosses: [Double?]
    /// The mean cross-entropy of the last layer.
    package var lastLoss: Double
    /// The mean divergence of the last layer from the base; 0 without a guard.
    package var guardLoss: Double
    /// The norm of all slopes before clipping.
    package var slopeNorm: Double
    /// Tokens of the step's texts.
    package var tokenCount: Int
  }

  /// The settings.
  package let settings: LiteTraining
  /// What is trained.
  package let parameters: Parameters
  /// Steps taken.
  package internal(set) var step = 0

  let trunk: Trunk
  let texts: [TrainingText]
  /// Where each text's positions begin in the guard's cache.
  let guardOffsets: [Int]
  let guardCache: HiddenCache?
  let blas: BLAS
  let crew: WorkCrew
  let spaces: [LiteSpace]
  private let schedule: Schedule

  /// A trainer at its first step, whose changes are zero. It trains on those of `texts` that are not
  /// held out and no longer than the settings say. `guardCache` holds the base's predictions for all of
  /// `texts` (a cache without exits); it is needed where the guard has a weight.
  package init(
    _ settings: LiteTraining, trunk: Trunk, texts: [TrainingText], guardCache: HiddenCache? = nil,
    crew: WorkCrew
  ) throws(TrainingError) {
    let usable = texts.filter { !$0.isHeldOut && $0.tokens.count <= settings.length }
    guard !usable.isEmpty else {
      throw TrainingError(.emptyData, at: "data", "there is no text to train on. Give more.")
    }
    guard settings.exits.allSatisfy({ (1..<trunk.blueprint.blockCount).contains($0) }),
      settings.exitWeights.count == settings.exits.count,
      settings.guardWeight == 0 || guardCache != nil
    else {
      throw TrainingError(
        .badSetting, at: "--exits", "exits lie within the model, and each has one weight.")
    }
    blas = try BLAS.shared()
    self.settings = settings
    self.trunk = trunk
    self.texts = usable
    self.guardCache = guardCache
    self.crew = crew
    guardOffsets = Self.offsets(of: usable, after: texts.filter(\.isHeldOut))
    schedule = Schedule(peak: settings.rate, steps: settings.steps)
    parameters = Self.parameters(of: trunk, settings)
    spaces = (0..<crew.count).map { _ in LiteSpace(trunk, settings) }
  }

  /// What is trained, at its first values: the base's own, or changes that come to nothing.
  private static func parameters(of trunk: Trunk, _ settings: LiteTraining) -> Parameters {
    if settings.isFull {
      let parameters = Parameters(trunk.projections, laneCount: settings.laneCount)
      for (entry, matrix) in zip(parameters.entries, trunk.projectionMatrices) {
        parameters.values(of: entry).copy(matrix)
      }
      return parameters
    }
    let parameters = Parameters(
      trunk.changes(rank: settings.rank), laneCount: settings.laneCount)
    for (index, entry) in parameters.entries.enumerated() where entry.name.hasSuffix(".lora_a") {
      var generator = CounterGenerator(seed: settings.seed, .initialValues, index)
      parameters.randomize(
        entry, deviation: 1 / Float(entry.columns).squareRoot(), using: &generator)
    }
    return parameters
  }

  /// A cache holds held-out texts first, and the target positions of each text in order.
  private static func offsets(of texts: [TrainingText], after heldOut: [TrainingText]) -> [Int] {
    var next = heldOut.reduce(0) { $0 + $1.targetCount }
    return texts.map { text in
      defer { next += text.targetCount }
      return next
    }
  }

  /// Takes one step. Throws when a loss is no number; the parameters are then those of the step
  /// before.
  package func takeStep() throws(TrainingError) -> StepReport {
    let batch = LiteBatch(self)
    crew.run(batch)
    var report = batch.report
    let isSound = report.lastLoss.isFinite && report.exitLosses.allSatisfy { $0?.isFinite ?? true }
    report.slopeNorm =
      isSound
      ? settings.optimizer.update(
        parameters, step: step + 1, rate: schedule.rate(at: step + 1), crew: crew) : .nan
    guard report.slopeNorm.isFinite else {
      parameters.clearSlopes()
      throw .diverged(atStep: step + 1)
    }
    step += 1
    report.step = step
    return report
  }

  /// The texts of step `step`, as indices: the next ones of the epoch's order.
  func batch(step: Int) -> [Int] {
    (0..<settings.batch).map { offset in
      let (epoch, place) = (step * settings.batch + offset).quotientAndRemainder(
        dividingBy: texts.count)
      var generator = CounterGenerator(seed: settings.seed, .order, epoch)
      return Array(texts.indices).shuffled(using: &generator)[place]
    }
  }
}

/// What one thread needs for a text.
struct LiteSpace {
  let trunk: TrunkSpace
  /// Normalised streams of the positions with a loss, their slopes, and their reciprocal roots.
  let gathered: Matrix
  let normed: Matrix
  let normedSlope: Matrix
  let scales: Matrix
  /// Logits of some positions at a time, and a copy for the guard.
  let logits: Matrix
  let guarded: Matrix
  /// Slopes of the streams at the exits.
  let exitSlopes: [Matrix]
  private let memory: [AlignedBytes]

  /// Positions whose logits are there at once.
  static let logitRows = 384

  init(_ trunk: Trunk, _ settings: LiteTraining) {
    self.trunk = TrunkSpace(
      trunk, rows: settings.rowsAtOnce, length: settings.length, rank: settings.rank)
    let arena = Arena()
    let (rows, width) = (settings.rowsAtOnce, trunk.head.width)
    gathered = Matrix(rows, width, in: arena)
    normed = Matrix(rows, width, in: arena)
    normedSlope = Matrix(rows, width, in: arena)
    scales = Matrix(rows, 1, in: arena)
    logits = Matrix(Self.logitRows, trunk.head.vocabularyCount, in: arena)
    guarded =
      settings.guardWeight > 0
      ? Matrix(Self.logitRows, trunk.head.vocabularyCount, in: arena)
      : logits
    exitSlopes = settings.exits.map { _ in Matrix(rows, width, in: arena) }
    memory = arena.pieces
  }
}

extension LiteTrainer {
  /// The slopes of the next step's loss for all parameters; nothing is changed.
  package func slopesOfNextStep() -> [Float] {
    crew.run(LiteBatch(self))
    let sum = parameters.lanes[0]
    for lane in parameters.lanes.dropFirst() {
      sum.add(lane)
      lane.clear()
    }
    defer { sum.clear() }
    return sum.values
  }
}
