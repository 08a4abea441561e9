import Dials
import Kernels
import Transformer

/// Trains routers on the model's own loss, as Duo-LLM's authors do (arXiv 2410.10846); model and small
/// feed-forwards stay as they are.
///
/// At the positions that decide an answer's tokens every block runs both feed-forwards, and says
/// `P · big(x) + (1 − P) · small(x)` with `P = sigmoid(τ · (w · x + b))`. τ grows from step to step, so that
/// the mixtures become choices. The loss is the divergence from the whole model plus
/// `λ · (mean of P over positions and blocks − share)²`: one term for all blocks, which may specialise. Its
/// mean is that of the whole step, so a step first reads its texts for the shares alone.
package final class RouterTrainer {
  /// What one step came to.
  package struct StepReport: Sendable {
    /// Its number, from 1.
    package var step: Int
    /// The mean divergence from the whole model, in nats.
    package var loss: Double
    /// The mean share of big feed-forwards.
    package var share: Double
    /// What the budget's term adds.
    package var budget: Double
    /// Tokens of the step's texts.
    package var tokenCount: Int
  }

  /// Steps taken.
  package private(set) var step = 0
  private let trainer: DuoTrainer
  private let routers: RouterParameters
  private let teacher: TeacherGuard
  private let schedule: Schedule
  private var spaces: [(DuoWorkspace, MixtureWorkspace)] = []

  private var settings: DuoTraining { trainer.settings }
  private var blockCount: Int { trainer.base.blueprint.blockCount }

  /// A trainer at its first step, on the texts and with the small feed-forwards of `trainer`, which must have
  /// the base's predictions. Its routers say of everything that the share of the settings is big.
  package init(_ trainer: DuoTrainer) throws(TrainingError) {
    guard let teacher = trainer.teacher else { throw .noPredictions }
    self.trainer = trainer
    self.teacher = teacher
    let settings = trainer.settings.router
    schedule = Schedule(peak: settings.rate, steps: settings.steps)
    routers = RouterParameters(
      trainer.modules.shape, blockCount: trainer.base.blueprint.blockCount)
    let odds = Double(settings.share / (1 - settings.share))
    var router = Router(width: trainer.modules.shape.width)
    router.bias = Float(odds.logarithm) / settings.sharpness.lowerBound
    for block in 0..<blockCount { routers.set(block, to: router) }
  }

  /// What is trained.
  package var parameters: Parameters { routers.parameters }

  /// Begins at these routers, which call a feed-forward big where their score is above `offset`.
  package func start(at given: [Router], offset: Float) {
    for (block, router) in given.enumerated() {
      routers.set(block, to: Router(weights: router.weights, bias: router.bias - offset))
    }
  }

  /// The routers as they stand, their scores being the logits of P at the last step's τ.
  package var found: [Router] { routers.routers(times: settings.router.sharpness.upperBound) }

  /// Takes one step. Throws when a loss is not finite; the routers are then those of the step before.
  package func takeStep() throws(TrainingError) -> StepReport {
    let texts = texts(ofStep: step)
    let (share, batch) = run(texts)
    let loss = batch.divergence
    let norm =
      loss.isFinite
      ? settings.optimizer.update(
        parameters, step: step + 1, rate: schedule.rate(at: step + 1), pool: trainer.pool) : .nan
    guard norm.isFinite else {
      parameters.clearGradient()
      throw .diverged(atStep: step + 1)
    }
    step += 1
    let distance = share - Double(settings.router.share)
    return StepReport(
      step: step, loss: loss, share: share,
      budget: Double(settings.router.weight) * distance * distance,
      tokenCount: texts.reduce(0) { $0 + $1.tokens.count })
  }

  /// The mean share of big feed-forwards in the last step's texts with the routers as they stand, at the last
  /// step's τ.
  package var share: Double {
    let batch = batch(texts(ofStep: max(0, step - 1)), sharpness(step), loss: nil)
    trainer.pool.run(batch)
    return batch.share
  }

  /// Runs a step's texts twice: for the mean share, and with the gradient of the loss.
  private func run(_ texts: [MixedText]) -> (share: Double, MixtureBatch) {
    let sharpness = sharpness(step + 1)
    let first = batch(texts, sharpness, loss: nil)
    trainer.pool.run(first)
    let distance = first.share - Double(settings.router.share)
    let pull = 2 * Double(settings.router.weight) * distance / Double(max(1, first.shareCount))
    let whole = batch(
      texts, sharpness, loss: MixtureBatch.Loss(teacher: teacher, pull: Float(pull)))
    trainer.pool.run(whole)
    return (first.share, whole)
  }

  private func sharpness(_ step: Int) -> Float { settings.router.sharpness(at: max(1, step)) }

  private func batch(
    _ texts: [MixedText], _ sharpness: Float, loss: MixtureBatch.Loss?
  ) -> MixtureBatch {
    MixtureBatch(
      MixtureModel(model: trainer.model, routers: routers, sharpness: sharpness), texts: texts,
      rowsAtOnce: settings.rowsAtOnce, loss: loss, spaces: workspaces())
  }

  private func texts(ofStep step: Int) -> [MixedText] {
    trainer.items(ofStep: step).map { index, item in
      let text = trainer.texts[index]
      return MixedText(
        tokens: text.tokens, targets: trainer.targets(of: index, item: item),
        mixed: text.positions)
    }
  }

  /// The memory of the threads, taken when it is needed first.
  private func workspaces() -> [(DuoWorkspace, MixtureWorkspace)] {
    if spaces.isEmpty {
      spaces = trainer.workspaces().map { space in
        let own = MixtureWorkspace(
          blockCount: blockCount, width: trainer.modules.shape.width, rows: settings.rowsAtOnce)
        return (space, own)
      }
    }
    return spaces
  }
}

// MARK: - State on disk

extension RouterTrainer {
  /// Writes the state to `path`.
  package func save(to path: String) throws(TrainingError) {
    try Checkpoint.write(parameters, step: step, recipe: recipe, to: path)
  }

  /// Goes on from a checkpoint of the same settings, texts and small feed-forwards.
  package func resume(from checkpoint: Checkpoint) throws(TrainingError) {
    step = try checkpoint.resume(parameters, recipe: recipe)
  }

  /// What decides every number of the steps.
  private var recipe: String {
    let own = settings.router
    return "routers of \(trainer.modules.fingerprint), \(own.steps) steps of \(settings.batch) x "
      + "\(settings.positions) of \(settings.length), share \(own.share) weighs \(own.weight), "
      + "sharpness \(own.sharpness.lowerBound) to \(own.sharpness.upperBound), rate \(own.rate), "
      + (own.startsFromFile ? "from routers, " : "")
      + "seed \(settings.seed), texts \(trainer.texts.fingerprint)"
  }
}

// MARK: - What the model says

extension RouterTrainer {
  /// The gradient of the next step's loss for all parameters; nothing is changed.
  package func gradientOfNextStep() -> [Float] {
    _ = run(texts(ofStep: step))
    return parameters.takeGradient()
  }

  /// The logits for every position of a text, row after row, with mixtures at its learnt positions as they
  /// are in step `step`, and block by block the shares of big feed-forwards there.
  package func reading(
    of text: TrainingText, step: Int
  ) -> (logits: [Float], shares: [[Float]]) {
    let (space, own) = workspaces()[0]
    let mixed = MixedText(tokens: text.tokens, targets: [], mixed: text.positions)
    MixtureModel(model: trainer.model, routers: routers, sharpness: sharpness(step))
      .pass([mixed], in: space, own, pull: 0).forward()
    let shares = own.blocks.map { block in
      text.positions.indices.map { block.share[$0][0] }
    }
    return (trainer.logits(of: text.tokens, in: space), shares)
  }
}
