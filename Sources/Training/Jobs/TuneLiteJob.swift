import Files
import Foundation
import GGUF
import Inference
import Kernels
import Transformer

/// A training of the model itself with all that it needs, from the plan to the adapter's or the model's
/// file.
package struct TuneLiteJob: Sendable {
  /// What a training came to.
  package struct Outcome: Hashable, Sendable {
    /// The size of the file that was written.
    package var byteCount: Int
    /// The step whose parameters were written: the last one, unless the clean guard ended the training.
    package var step: Int
    /// How held-out texts fared before the first step; nil where it is not known any more.
    package var before: LiteMeasure?
    /// How they fare with what was written.
    package var after: LiteMeasure
  }

  /// The texts that the training comes to.
  package let texts: [TrainingText]
  /// How it trains.
  let settings: LiteTraining
  private let base: TuneBase
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

  /// Throws where the texts cannot give what the settings ask for.
  package func check() throws(TrainingError) {
    let trained = texts.filter { !$0.isHeldOut }
    if let noise = settings.noise, noise.share > 0, !trained.isEmpty,
      !trained.contains(where: { InputNoise.fits(noise.lengths.lowerBound, in: $0) })
    {
      throw TrainingError(
        .emptyData, at: "data",
        "no answer has room for \(noise.lengths.lowerBound) tokens of noise and one to predict. "
          + "Give longer answers, or a shorter --segment.")
    }
    if settings.clean != nil, heldOut.isEmpty {
      throw TrainingError(
        .emptyData, at: "--held-out",
        "no text is held out, so the loss without noise cannot be watched. Give more data, or a "
          + "greater --held-out.")
    }
  }

  /// The texts that are measured on.
  private var heldOut: [TrainingText] { texts.filter(\.isHeldOut) }

  /// Where the checkpoint lies.
  private var checkpointPath: String {
    let kind = settings.noise == nil ? "lite" : "msn"
    return
      "\(folder)/\(kind)-\(base.fingerprint.prefix(8))-\(texts.fingerprint).checkpoint.gguf"
  }

  /// Trains, measures and writes. Throws a `CancellationError` where the task is cancelled.
  package func run(observe: @escaping (TuneEvent) -> Void = { _ in }) throws -> Outcome {
    try check()
    let model = try BaseModel(file: base.file, weights: base.model.weights)
    let trainer = try LiteTrainer(
      settings, base: model, texts: texts,
      guardCache: settings.guardWeight > 0 ? try predictions(observe: observe) : nil,
      pool: base.model.pool)
    let path = checkpointPath
    if let checkpoint = try Checkpoint(path: path) {
      try trainer.resume(from: checkpoint)
      observe(.resumed(step: trainer.step, checkpoint: path))
    }
    if trainer.step == 0, trainer.before == nil { trainer.before = trainer.measure(heldOut) }
    var steps = CheckpointedSteps(count: settings.steps, observe: observe) {
      () throws(TrainingError) in try trainer.save(to: path)
    }
    let goodPath = path.replacing(".checkpoint.", with: ".good.")
    if let clean = settings.clean {
      let watch = CleanWatch(
        trainer: trainer, clean: clean, heldOut: heldOut, goodPath: goodPath, path: path,
        observe: observe)
      try watch.begin()
      steps.review = watch.review
    }
    try steps.run(after: trainer.step) { () throws(TrainingError) in
      let report = try trainer.takeStep()
      return (report.step, report.exitLosses + [report.lastLoss], report.tokenCount)
    }
    let after = trainer.measure(heldOut)
    try writer(trainer).write(to: output.file)
    Checkpoint.remove([path, goodPath])
    let size = try? FileManager.default.attributesOfItem(atPath: output.file.path)[.size] as? Int
    return Outcome(
      byteCount: size ?? 0, step: trainer.step, before: trainer.before, after: after)
  }

  /// The base's predictions for every target, for the guard.
  private func predictions(observe: (TuneEvent) -> Void) throws -> HiddenCache {
    let model = base.model
    let description = HiddenCache.Description(
      base: base.fingerprint, depths: [], width: model.weights.blueprint.width,
      topK: Self.topK, texts: texts.fingerprint)
    let path = "\(folder)/guard-\(base.fingerprint.prefix(8))-\(texts.fingerprint).cache"
    return try base.cache(of: texts, at: path, description: description, observe: observe)
  }

  /// What is written: the adapter, or the model as it was trained.
  private func writer(_ trainer: LiteTrainer) -> GGUFWriter {
    let head = output.head(.lora, of: base, what: settings.name)
    return settings.isFull
      ? trainer.model(over: base.file, head, type: output.type)
      : trainer.adapter(head, type: output.type)
  }
}
