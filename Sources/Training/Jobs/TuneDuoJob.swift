import Foundation
import GGUF
import Inference
import Kernels
import Reports
package import Transformer

/// A training of small feed-forwards and their routers with all that it needs, from the plan to the file.
package struct TuneDuoJob: Sendable {
  /// What a training came to.
  package struct Outcome: Hashable, Sendable {
    /// The size of the file that was written.
    package var byteCount: Int
    /// How the routers came about.
    package var routers: Routers
    /// What was measured at some shares of big feed-forwards.
    package var points: [AdapterHead.Duo.Point]
  }

  /// How routers came about.
  package enum Routers: Hashable, Sendable {
    /// They were fitted to so many labels, and explain this share of the variance within blocks of labels
    /// that were kept out.
    case damage(labels: Int, explained: Double)
    /// They took so many steps on the model's own loss, and come to this mean share of big feed-forwards.
    case task(steps: Int, share: Double)
  }

  /// The texts that the training comes to.
  package let texts: [TrainingText]
  /// How it trains.
  let settings: DuoTraining
  let base: TuneBase
  let output: TuneOutput
  private let folder: String
  /// The small feed-forwards that are taken as they are; nil where they are made.
  let given: GivenFeedForwards?

  /// Next tokens of the base that are kept for each position.
  private static let topK = 16

  /// Plans a training on those of `texts` that it takes; with `given` ones only of routers. The cache of the
  /// base's predictions and checkpoints lie in `folder`.
  package init(
    _ settings: DuoTraining, base: TuneBase, texts: [TrainingText], folder: String,
    output: TuneOutput, taking given: GivenFeedForwards? = nil
  ) {
    let settings = given.map(settings.taking) ?? settings
    self.settings = settings
    self.given = given
    self.base = base
    self.texts = settings.used(of: texts)
    self.folder = folder
    self.output = output
  }

  /// Throws where model or texts cannot give what the settings ask for.
  package func check() throws(TrainingError) {
    try settings.check(innerWidth: base.model.weights.blueprint.innerWidth)
    guard texts.contains(where: { !$0.isHeldOut }) else {
      throw TrainingError(
        .emptyData, at: "data",
        "no text of at most \(settings.length) tokens has an answer of more than \(settings.horizon) "
          + "tokens. Give longer answers, a greater --length or a smaller --horizon.")
    }
    guard texts.contains(where: \.isHeldOut) else {
      throw TrainingError(
        .emptyData, at: "--held-out",
        "no text is held out, so the routers cannot be measured. Give more data, or a greater "
          + "--held-out.")
    }
  }

  /// Tells the files of this training from others.
  private var label: String { "\(base.fingerprint.prefix(8))-\(texts.fingerprint)" }

  /// The checkpoint of what is trained step by step.
  func checkpointPath(_ what: String) -> String { "\(folder)/\(what)-\(label).checkpoint.gguf" }

  /// Trains, measures and writes. Throws a `CancellationError` where the task is cancelled.
  package func run(observe: @escaping (TuneEvent) -> Void = { _ in }) throws -> Outcome {
    try check()
    let trainer = try DuoTrainer(
      settings, base: try BaseModel(file: base.file, weights: base.model.weights), texts: texts,
      teacher: settings.needsPredictions ? try predictions(observe: observe) : nil,
      pool: base.model.pool)
    if let given {
      trainer.start(from: given)
    } else {
      try train(trainer, observe: observe)
    }
    let head = output.head(.duo, of: base, what: "small feed-forwards")
    let (made, account) = try routers(trainer, head, observe: observe)
    trainer.releaseMemory()
    let points = try points(trainer, head, made, observe: observe)
    let file = trainer.adapter(head, routers: made, points: points, type: output.type)
    try file.write(to: output.file)
    if given == nil { Checkpoint.remove([checkpointPath("duo")]) }
    if settings.router.method == .task { Checkpoint.remove([checkpointPath("routers")]) }
    return Outcome(byteCount: file.bytes().count, routers: account, points: points)
  }

  /// First values, or those of the checkpoint, and the steps.
  private func train(
    _ trainer: DuoTrainer, observe: @escaping (TuneEvent) -> Void
  ) throws {
    let path = checkpointPath("duo")
    if let checkpoint = try Checkpoint(path: path) {
      try trainer.resume(from: checkpoint)
      observe(.resumed(step: trainer.step, checkpoint: path))
    } else {
      _ = try counted("first values", observe) { progress in
        trainer.setFirstValues(progress: progress) ? true : nil
      }
      try trainer.save(to: path)
    }
    guard settings.steps > 0 else { return }
    let steps = CheckpointedSteps(count: settings.steps, observe: observe) {
      () throws(TrainingError) in try trainer.save(to: path)
    }
    try steps.run(after: trainer.step) { () throws(TrainingError) in
      let report = try trainer.takeStep()
      return (report.step, [report.loss], report.tokenCount)
    }
    try trainer.save(to: path)
  }

  /// What the routers come to on held-out answers.
  private func points(
    _ trainer: DuoTrainer, _ head: AdapterHead, _ routers: [Router],
    observe: @escaping (TuneEvent) -> Void
  ) throws -> [AdapterHead.Duo.Point] {
    let runtime = try runtime(trainer, head, routers)
    return try counted("measuring", observe) { progress in
      try DuoPoints(
        runtime, texts: texts.filter(\.isHeldOut), positions: settings.measuredPositions
      ).measured(progress: progress)
    }
  }

  /// The model with the small feed-forwards as they will be stored.
  func runtime(
    _ trainer: DuoTrainer, _ head: AdapterHead, _ routers: [Router]
  ) throws -> ModelRuntime {
    let model = base.model
    let small = try trainer.stored(
      head, routers: routers, type: output.type, weights: model.weights)
    return ModelRuntime(
      weights: model.weights, feedForwards: small, kernels: model.runtime.kernels, pool: model.pool)
  }

  /// Does what is counted; throws a `CancellationError` where it gives nothing, which it does when its
  /// progress is answered with false.
  func counted<Result>(
    _ what: String, _ observe: @escaping (TuneEvent) -> Void,
    _ work: (_ progress: (_ done: Int, _ all: Int) -> Bool) throws -> Result?
  ) throws -> Result {
    defer { observe(.read) }
    let result = try work { done, all in
      observe(.counting(what, done, of: all))
      return !Task.isCancelled
    }
    guard let result else { throw CancellationError() }
    return result
  }

  /// The base's predictions for every target.
  private func predictions(observe: (TuneEvent) -> Void) throws -> HiddenCache {
    let blueprint = base.model.weights.blueprint
    let description = HiddenCache.Description(
      base: base.fingerprint, depths: [], width: blueprint.width,
      topK: min(Self.topK, blueprint.vocabularyCount), texts: texts.fingerprint)
    return try base.cache(
      of: texts, at: "\(folder)/duo-teacher-\(label).cache", description: description,
      observe: observe)
  }
}

extension TuneDuoJob {
  /// What there is to learn from, in lines for people.
  package var planLines: [String] {
    let trained = texts.filter { !$0.isHeldOut }
    let tokens = trained.reduce(0) { $0 + $1.tokens.count }
    return [
      "\(trained.count) texts of \(tokens.grouped) tokens to learn from, \(texts.count - trained.count) "
        + "held out"
    ]
  }
}

extension TuneDuoJob.Outcome {
  /// How the model does on held-out answers by the share of big feed-forwards, as a table.
  package var lines: [String] {
    [routers.line]
      + Table(
        header: ["BIG %", "OFFSET", "AGREE %", "KL"],
        rows: points.map { point in
          [
            (100 * point.share).rounded(to: 1), point.offset.rounded(to: 2),
            (100 * point.agreement).rounded(to: 1), point.divergence.rounded(to: 3),
          ]
        }
      ).lines
  }
}
