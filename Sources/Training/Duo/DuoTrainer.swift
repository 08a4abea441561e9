package import Dials
package import Kernels
import Transformer

/// Trains small feed-forwards beside the frozen big ones, so that a model in which any share of feed-forwards
/// is small says what the whole one says.
///
/// The stages: first values in closed form (`FirstValues`), steps through the model with randomly drawn
/// patterns, which this class takes, and the routers (`DamageLabels` and `RouterFit`, or `RouterTrainer`). A
/// pattern touches what decides an answer's tokens only, since prompts are read whole; keys and values of
/// earlier answer tokens are damaged as they will be.
package final class DuoTrainer {
  /// What one step came to.
  package struct StepReport: Sendable {
    /// Its number, from 1.
    package var step: Int
    /// The mean divergence from the whole model, in nats.
    package var loss: Double
    /// The norm of the gradient before clipping.
    package var gradientNorm: Double
    /// Tokens of the step's texts.
    package var tokenCount: Int
  }

  /// The settings.
  package let settings: DuoTraining
  /// What is trained.
  package let modules: SmallModules
  /// Steps taken.
  package internal(set) var step = 0

  /// The frozen base.
  package let base: BaseModel
  /// The texts that are trained on.
  package let texts: [TrainingText]
  let model: DuoModel
  let pool: ThreadPool
  /// The base's predictions, where there are any.
  let teacher: TeacherGuard?
  /// Where each text's positions begin in the teacher's cache.
  private let teacherOffsets: [Int]
  private let schedule: Schedule
  private let order: EpochOrder
  private var spaces: [DuoWorkspace] = []
  /// The file that the small feed-forwards are of, where they were not made here.
  var given: GivenFeedForwards?

  /// A trainer at its first step, whose small feed-forwards are zero. It trains on those of `texts` that are
  /// not held out and no longer than the settings say. `teacher` holds the base's predictions for all of
  /// `texts` (a cache without exits); it is needed for steps.
  package init(
    _ settings: DuoTraining, base: BaseModel, texts: [TrainingText], teacher: HiddenCache?,
    pool: ThreadPool
  ) throws(TrainingError) {
    try settings.check(innerWidth: base.blueprint.innerWidth)
    let usable = texts.filter {
      !$0.isHeldOut && $0.tokens.count <= settings.length && $0.targetCount > 0
    }
    guard !usable.isEmpty else {
      throw TrainingError(
        .emptyData, at: "data",
        "there is no text of at most \(settings.length) tokens to train on. Give more, or a greater "
          + "--length.")
    }
    self.settings = settings
    self.base = base
    self.texts = usable
    self.pool = pool
    self.teacher = teacher.map { TeacherGuard(cache: $0, weight: 1) }
    teacherOffsets = TeacherGuard.offsets(of: usable, after: texts.filter(\.isHeldOut))
    schedule = Schedule(peak: settings.rate, steps: settings.steps)
    order = EpochOrder(count: usable.count, seed: settings.seed)
    let shape = SmallFeedForwardShape(
      width: base.blueprint.width, inner: settings.inner, rank: settings.rank)
    modules = SmallModules(shape, blockCount: base.blueprint.blockCount)
    model = DuoModel(base: base, modules: modules, blas: try BLAS.shared())
  }

  /// What is trained.
  package var parameters: Parameters { modules.parameters }

  /// The memory of the threads, taken when it is needed first.
  func workspaces() -> [DuoWorkspace] {
    if spaces.isEmpty {
      spaces = (0..<pool.count).map { _ in
        DuoWorkspace(
          base, shape: modules.shape, rows: settings.rowsAtOnce, length: settings.length)
      }
    }
    return spaces
  }

  /// Lets the memory of the threads go.
  package func releaseMemory() { spaces = [] }

  /// Takes one step. Throws when a loss is not finite; the parameters are then those of the step before.
  package func takeStep() throws(TrainingError) -> StepReport {
    let (batch, texts) = try nextBatch()
    pool.run(batch)
    let loss = batch.loss
    let norm =
      loss.isFinite
      ? settings.optimizer.update(
        parameters, step: step + 1, rate: schedule.rate(at: step + 1), pool: pool) : .nan
    guard norm.isFinite else {
      parameters.clearGradient()
      throw .diverged(atStep: step + 1)
    }
    step += 1
    return StepReport(
      step: step, loss: loss, gradientNorm: norm,
      tokenCount: texts.reduce(0) { $0 + $1.tokens.count })
  }

  private func nextBatch() throws(TrainingError) -> (DuoBatch, [DuoText]) {
    guard let teacher else { throw .noPredictions }
    let texts = nextTexts
    return (
      DuoBatch(
        model, texts: texts, rowsAtOnce: settings.rowsAtOnce, teacher: teacher,
        spaces: workspaces()),
      texts
    )
  }

  /// The texts of a step, 0 for the first, by their indices; each with its place among all steps' texts.
  func items(ofStep step: Int) -> [(index: Int, item: Int)] {
    var order = order
    return order.batch(step, size: settings.batch).enumerated().map { offset, index in
      (index, step * settings.batch + offset)
    }
  }

  /// The texts of the next step with their patterns.
  private var nextTexts: [DuoText] {
    items(ofStep: step).map { index, item in
      let text = texts[index]
      var generator = CounterGenerator(seed: settings.seed, .routing, item)
      let positions = text.positions
      let small = DuoText.pattern(
        of: positions, blockCount: base.blueprint.blockCount, shares: settings.shares,
        using: &generator)
      return DuoText(
        tokens: text.tokens, targets: targets(of: index, item: item),
        firstLive: positions.first ?? 0, small: small)
    }
  }

  /// The positions of a text that have a loss, ascending: all, or as many as the settings say, drawn for
  /// the item that the text is of all steps' texts. Every text weighs the same.
  func targets(of index: Int, item: Int) -> [LossTarget] {
    let (text, positions) = (texts[index], texts[index].positions)
    var ranks = Array(positions.indices)
    if positions.count > settings.positions {
      var generator = CounterGenerator(seed: settings.seed, .exits, item)
      ranks = ranks.shuffled(using: &generator).prefix(settings.positions).sorted()
    }
    let weight = 1 / Float(ranks.count * settings.batch)
    return ranks.map { rank in
      LossTarget(
        row: positions[rank], token: text.tokens[positions[rank] + 1], weight: weight,
        teacherPosition: teacherOffsets[index] + rank)
    }
  }
}

// MARK: - What the model says

extension DuoTrainer {
  /// The gradient of the next step's loss for all parameters; nothing is changed.
  package func gradientOfNextStep() throws(TrainingError) -> [Float] {
    pool.run(try nextBatch().0)
    return parameters.takeGradient()
  }

  /// Which rows the next step's texts take small, per text and block, ascending.
  package var patternsOfNextStep: [[[Int]]] { nextTexts.map(\.small) }

  /// The logits for every position of a text, row after row; `small` says per block which rows take the
  /// small feed-forward.
  package func logits(of tokens: [TokenID], small: [[Int]]) -> [Float] {
    let space = workspaces()[0]
    let text = DuoText(tokens: tokens, targets: [], firstLive: 0, small: small)
    model.pass([text], in: space).forward()
    return logits(of: tokens, in: space)
  }

  /// The logits of a pass of one text that was the last in this memory.
  func logits(of tokens: [TokenID], in space: DuoWorkspace) -> [Float] {
    let head = base.head
    let (normed, z) = (space.head.normed.prefix(1), space.head.logits.prefix(1))
    return tokens.indices.flatMap { row in
      RMSNorm.forward(
        space.base.stream.rows(row..<row + 1), gain: head.gain, epsilon: head.epsilon,
        into: normed, scales: space.head.scales)
      model.blas.multiply(normed, byTransposed: head.matrix, into: z)
      return z.values
    }
  }
}
