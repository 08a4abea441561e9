import Foundation
import GGUF
import Inference
import Kernels
import Transformer

/// A training of a draft head with all that it needs, from the plan to the file.
package struct TuneDraftJob: Sendable {
  /// What there is to learn from.
  package struct Plan: Hashable, Sendable {
    /// Positions that can be learnt.
    package var targets: Int
    /// Of these, never trained on.
    package var heldOut: Int
    /// Positions that fit in the cache.
    package var kept: Int
    /// Tokens that can be guessed.
    package var tokenCount: Int
    /// The share of what is learnt that they cover, 0...1.
    package var coverage: Double
    /// Bytes of the file.
    package var fileBytes: Int
  }

  private let base: TuneBase
  private let texts: [TrainingText]
  private let settings: DraftTraining
  private let output: TuneOutput
  private let tokens: [Int32]
  private let description: HiddenCache.Description
  private let cachePath: String
  private let checkpointPath: String
  private let positionLimit: Int
  /// What there is to learn from.
  package let plan: Plan

  /// Next tokens of full depth that are kept for each position.
  private static let topK = 8

  /// Plans a training of a head that can guess `tokenCount` tokens. The cache of what the base computes takes
  /// `cacheBytes`; it lies in `folder` with the checkpoint.
  package init(
    _ settings: DraftTraining, base: TuneBase, texts: [TrainingText], tokenCount: Int,
    cacheBytes: Int, folder: String, output: TuneOutput
  ) {
    self.base = base
    self.texts = texts
    self.settings = settings
    self.output = output
    let blueprint = base.model.weights.blueprint
    let counts = TokenCounts(texts, vocabularyCount: blueprint.vocabularyCount)
    tokens = counts.mostFrequent(min(tokenCount, blueprint.vocabularyCount))
    description = HiddenCache.Description(
      base: base.fingerprint, depths: [blueprint.blockCount], width: blueprint.width,
      topK: min(Self.topK, blueprint.vocabularyCount), texts: texts.fingerprint)
    positionLimit = max(1, cacheBytes / description.recordBytes)
    let label = "\(base.fingerprint.prefix(8))-\(texts.fingerprint)"
    cachePath = "\(folder)/hidden-\(label)-last-\(positionLimit).cache"
    checkpointPath = "\(folder)/draft-\(label).checkpoint.gguf"
    let targets = texts.reduce(0) { $0 + $1.targetCount }
    let shape = DraftShape(
      width: blueprint.width, inner: settings.inner, tokenCount: tokens.count)
    plan = Plan(
      targets: targets,
      heldOut: texts.filter(\.isHeldOut).reduce(0) { $0 + $1.targetCount },
      kept: min(targets, positionLimit), tokenCount: tokens.count,
      coverage: counts.coverage(of: tokens),
      fileBytes: shape.macs * output.type.blockBytes / output.type.blockSize)
  }

  /// Texts to learn from and to measure by.
  var textCount: Int { texts.count }

  /// What the training will take.
  package func estimate() throws -> TuneEstimate {
    let model = base.model
    let hasCache = HiddenCache(path: cachePath, matching: description) != nil
    var description = description
    description.count = plan.kept
    let width = description.width
    return try TuneEstimate(
      settings,
      shape: DraftShape(width: width, inner: settings.inner, tokenCount: tokens.count),
      vocabularyCount: model.weights.blueprint.vocabularyCount, cache: description,
      tokenCount: hasCache ? 0 : texts.reduce(0) { $0 + $1.tokens.count },
      rowsPerSecond: hasCache ? 1 : base.collector(length: 256, for: description).rowsPerSecond(),
      threads: model.pool.count)
  }

  /// Reads, trains, measures and writes; returns the file's size and how the head does on held-out
  /// positions. Throws a `CancellationError` where the task is cancelled.
  package func run(
    observe: @escaping (TuneEvent) -> Void = { _ in }
  ) throws -> (byteCount: Int, score: DraftScore) {
    let cache = try base.cache(
      of: texts, at: cachePath, description: description, positionLimit: positionLimit,
      observe: observe)
    let weights = base.model.weights
    let trainer = try DraftTrainer(
      settings, weights: weights,
      head: try FrozenHead(file: base.file, blueprint: weights.blueprint), cache: cache,
      texts: texts, tokens: tokens, pool: base.model.pool)
    if let checkpoint = try Checkpoint(path: checkpointPath) {
      try trainer.resume(from: checkpoint)
      observe(.resumed(step: trainer.step, checkpoint: checkpointPath))
    }
    let steps = CheckpointedSteps(count: settings.steps, observe: observe) {
      () throws(TrainingError) in try trainer.save(to: checkpointPath)
    }
    try steps.run(after: trainer.step) { () throws(TrainingError) in
      let report = try trainer.takeStep()
      return (report.step, report.losses, settings.batchSize)
    }
    let score = trainer.evaluate()
    let file = trainer.adapter(
      output.head(.draft, of: base, what: "draft head"), score: score, type: output.type)
    try file.write(to: output.file)
    try? FileManager.default.removeItem(atPath: checkpointPath)
    return (file.bytes().count, score)
  }
}
