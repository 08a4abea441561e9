import Dials
package import Kernels
import Transformer

/// Trains a LoRA delta of every projection, or the projections themselves, so that exits predict through
/// the shared norm and head.
///
/// A step takes a batch of texts; each gradient accumulator is a piece of work of its own, so a step
/// gives the same bits on any number of threads.
package final class LiteTrainer {
  /// What one step came to.
  package struct StepReport: Sendable {
    /// Its number, from 1.
    package var step: Int
    /// The mean cross-entropy per exit, in nats; nil where this step has none.
    package var exitLosses: [Double?]
    /// The mean cross-entropy at full depth.
    package var lastLoss: Double
    /// The mean divergence of full depth from the base; 0 without a guard.
    package var guardLoss: Double
    /// The norm of the gradient before clipping.
    package var gradientNorm: Double
    /// Tokens of the step's texts.
    package var tokenCount: Int
  }

  /// The settings.
  package let settings: LiteTraining
  /// Steps taken.
  package internal(set) var step = 0
  /// How the held-out texts fared before the first step; nil until it was measured.
  package var before: LiteMeasure?
  /// How often the clean guard took the training back: each time halves the rate.
  package internal(set) var setbacks = 0

  let texts: [TrainingText]
  let model: LiteModel
  /// Where each text's positions begin in the teacher's cache.
  private let teacherOffsets: [Int]
  private let teacher: TeacherGuard?
  let pool: ThreadPool
  let spaces: [LiteWorkspace]
  private let schedule: Schedule

  /// A trainer at its first step, whose LoRA deltas are zero. It trains on those of `texts` that are
  /// not held out and no longer than the settings say. `guardCache` holds the base's predictions for all
  /// of `texts` (a cache without exits); it is needed where the guard has a weight.
  package init(
    _ settings: LiteTraining, base: BaseModel, texts: [TrainingText],
    guardCache: HiddenCache? = nil, pool: ThreadPool
  ) throws(TrainingError) {
    let usable = texts.filter { !$0.isHeldOut && $0.tokens.count <= settings.length }
    guard !usable.isEmpty else {
      throw TrainingError(.emptyData, at: "data", "there is no text to train on. Give more.")
    }
    guard settings.exits.allSatisfy({ (1..<base.blueprint.blockCount).contains($0) }),
      settings.exitWeights.count == settings.exits.count,
      settings.guardWeight == 0 || guardCache != nil
    else {
      throw TrainingError(
        .badSetting, at: "--exits", "exits lie within the model, and each has one weight.")
    }
    self.settings = settings
    self.texts = usable
    self.pool = pool
    teacherOffsets = TeacherGuard.offsets(of: usable, after: texts.filter(\.isHeldOut))
    teacher =
      settings.guardWeight > 0
      ? guardCache.map { TeacherGuard(cache: $0, weight: settings.guardWeight) } : nil
    schedule = Schedule(peak: settings.rate, steps: settings.steps)
    model = LiteModel(
      base: base, trained: TrainedProjections(of: base, settings), blas: try BLAS.shared())
    spaces = (0..<pool.count).map { _ in LiteWorkspace(base, settings) }
  }

  /// What is trained.
  package var parameters: Parameters { model.trained.parameters }
  /// The loss without noise at full depth before the first step.
  var cleanBefore: Double? { before?.clean }
  /// What the setbacks left of the learning rate, 0...1.
  var rateFactor: Float { Float(sign: .plus, exponent: -setbacks, significand: 1) }
  /// The frozen base.
  var base: BaseModel { model.base }

  /// Takes one step. Throws when a loss is not finite; the parameters are then those of the step before.
  package func takeStep() throws(TrainingError) -> StepReport {
    let batch = batch
    pool.run(batch)
    var report = batch.report
    let isSound = report.lastLoss.isFinite && report.exitLosses.allSatisfy { $0?.isFinite ?? true }
    report.gradientNorm =
      isSound
      ? settings.optimizer.update(
        parameters, step: step + 1, rate: rateFactor * schedule.rate(at: step + 1), pool: pool)
      : .nan
    guard report.gradientNorm.isFinite else {
      parameters.clearGradient()
      throw .diverged(atStep: step + 1)
    }
    step += 1
    report.step = step
    return report
  }

  private var batch: LiteBatch {
    LiteBatch(
      model, settings, step: step, texts: nextTexts, guard: teacher, spaces: spaces)
  }

  /// The texts of the next step: the next ones of the epoch's order.
  private var nextTexts: [LiteText] {
    (0..<settings.batch).map { offset in
      let (epoch, place) = (step * settings.batch + offset).quotientAndRemainder(
        dividingBy: texts.count)
      var generator = CounterGenerator(seed: settings.seed, .order, epoch)
      let index = Array(texts.indices).shuffled(using: &generator)[place]
      let item = step * settings.batch + offset
      let input = settings.noise?.input(of: texts[index], seed: settings.seed, item: item)
      return LiteText(
        tokens: input?.tokens ?? texts[index].tokens, targets: targets(of: index, item: item))
    }
  }

  /// The positions of a text that have a loss, ascending: all, or as many as the settings say, drawn for
  /// the item that the text is of all steps' texts. The weights are normalised, so that the rate means
  /// the same whatever the number of losses.
  private func targets(of index: Int, item: Int) -> [LossTarget] {
    let text = texts[index]
    let positions = text.positions
    var ranks = Array(positions.indices)
    if positions.count > settings.positions {
      var generator = CounterGenerator(seed: settings.seed, .exits, item)
      ranks = ranks.shuffled(using: &generator).prefix(settings.positions).sorted()
    }
    let weightSum = settings.activeExits(step: step).reduce(settings.lastWeight) {
      $0 + settings.exitWeights[$1]
    }
    let weight = 1 / (Float(ranks.count * settings.batch) * weightSum)
    return ranks.map { rank in
      LossTarget(
        row: positions[rank], token: text.tokens[positions[rank] + 1], weight: weight,
        teacherPosition: teacherOffsets[index] + rank)
    }
  }
}

// MARK: - What the model says

extension LiteTrainer {
  /// The gradient of the next step's loss for all parameters; nothing is changed.
  package func gradientOfNextStep() -> [Float] {
    pool.run(batch)
    return parameters.takeGradient()
  }

  /// The logits at full depth for every position of a text, row after row.
  package func logits(of text: TrainingText) -> [Float] {
    let (head, space) = (base.head, spaces[0])
    model.pass([text.tokens], in: space).forward()
    let (normed, z) = (space.head.normed.prefix(1), space.head.logits.prefix(1))
    return text.tokens.indices.flatMap { row in
      RMSNorm.forward(
        space.base.stream.rows(row..<row + 1), gain: head.gain, epsilon: head.epsilon,
        into: normed, scales: space.head.scales)
      model.blas.multiply(normed, byTransposed: head.matrix, into: z)
      return z.values
    }
  }
}
