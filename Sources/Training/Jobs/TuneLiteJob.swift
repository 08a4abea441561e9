import Files
import Foundation
import GGUF
import Inference
import Kernels
import Transformer

/// A training of the model itself with all that it needs, from the plan to the adapter's or the model's
/// file.
package struct TuneLiteJob: Sendable {
  /// How held-out texts fare: the mean cross-entropy at each exit and, last, at the last block, in nats.
  package struct Outcome: Hashable, Sendable {
    /// The size of the file that was written.
    package var byteCount: Int
    /// Before the first step; nil where the training went on from a checkpoint.
    package var before: [Double]?
    /// After the last step.
    package var after: [Double]
  }

  /// The texts that the training comes to.
  package let texts: [TrainingText]
  private let base: TuneBase
  private let settings: LiteTraining
  private let output: TuneOutput
  private let folder: String

  /// Next tokens of the base that the guard keeps for each position.
  private static let topK = 32

  /// Plans a training on those of `texts` that its steps take. The cache of the base's predictions and the
  /// checkpoint lie in `folder`.
  package init(
    _ settings: LiteTraining, base: TuneBase, texts: [TrainingText], folder: String,
    output: TuneOutput
  ) {
    self.settings = settings
    self.base = base
    self.texts = settings.used(of: texts)
    self.folder = folder
    self.output = output
  }

  /// What the training will take.
  package func estimate() throws(TrainingError) -> LiteEstimate {
    try LiteEstimate(
      settings, weights: base.model.weights, texts: texts, threads: base.model.pool.count)
  }

  /// Trains, measures and writes. Throws a `CancellationError` where the task is cancelled.
  package func run(observe: @escaping (TuneEvent) -> Void = { _ in }) throws -> Outcome {
    let model = try BaseModel(file: base.file, weights: base.model.weights)
    let trainer = try LiteTrainer(
      settings, base: model, texts: texts,
      guardCache: settings.guardWeight > 0 ? try predictions(observe: observe) : nil,
      pool: base.model.pool)
    let path = "\(folder)/lite-\(base.fingerprint.prefix(8))-\(texts.fingerprint).checkpoint.gguf"
    if let checkpoint = try Checkpoint(path: path) {
      try trainer.resume(from: checkpoint)
      observe(.resumed(step: trainer.step, checkpoint: path))
    }
    let before = trainer.step == 0 ? losses(trainer) : nil
    let steps = CheckpointedSteps(count: settings.steps, observe: observe) {
      () throws(TrainingError) in try trainer.save(to: path)
    }
    try steps.run(after: trainer.step) { () throws(TrainingError) in
      let report = try trainer.takeStep()
      return (report.step, report.exitLosses + [report.lastLoss], report.tokenCount)
    }
    let after = losses(trainer)
    try writer(trainer).write(to: output.file)
    try? FileManager.default.removeItem(atPath: path)
    let size = try? FileManager.default.attributesOfItem(atPath: output.file.path)[.size] as? Int
    return Outcome(byteCount: size ?? 0, before: before, after: after)
  }

  private func losses(_ trainer: LiteTrainer) -> [Double] {
    let (exits, last) = trainer.evaluate(texts.filter(\.isHeldOut))
    return exits + [last]
  }

  /// The base's predictions for every target, for the guard.
  private func predictions(observe: (TuneEvent) -> Void) throws -> HiddenCache {
    let model = base.model
    let description = HiddenCache.Description(
      base: base.fingerprint, depths: [], width: model.weights.blueprint.width,
      topK: Self.topK, texts: texts.fingerprint)
    let path = "\(folder)/guard-\(base.fingerprint.prefix(8))-\(texts.fingerprint).cache"
    if let cache = HiddenCache(path: path, matching: description) { return cache }
    return try HiddenCollector(
      model.runtime, length: settings.length, depths: [], topK: Self.topK
    ).cache(of: texts, at: path, description: description, observe: observe)
  }

  /// What is written: the adapter, or the model as it was trained.
  private func writer(_ trainer: LiteTrainer) -> GGUFWriter {
    let head = output.head(.lora, of: base, what: "LITE")
    return settings.isFull
      ? trainer.model(over: base.file, head, type: output.type)
      : trainer.adapter(head, type: output.type)
  }
}
