import Foundation
import GGUF
import Inference
import Kernels
import Transformer

/// A training of exits with all that it needs, from the plan to the adapter's file.
package struct TuneExitsJob: Sendable {
  /// What there is to learn from.
  package struct Plan: Hashable, Sendable {
    /// Positions that can be learnt.
    package var targets: Int
    /// Of these, never trained on.
    package var heldOut: Int
    /// Positions that fit in the cache.
    package var kept: Int
    /// Tokens of the short head.
    package var shortlistCount: Int
    /// The share of what is learnt that they cover, 0...1.
    package var coverage: Double
  }

  private let base: TuneBase
  private let texts: [TrainingText]
  private let settings: ExitTraining
  private let output: TuneOutput
  private let shortlist: [Int32]
  private let description: HiddenCache.Description
  private let cachePath: String
  private let checkpointPath: String
  private let positionLimit: Int
  /// What there is to learn from.
  package let plan: Plan

  /// Plans a training with a short head of `shortlistCount` tokens. The cache of what the base computes
  /// keeps the `topK` most probable tokens of each position and takes `cacheBytes`; it lies in `folder`
  /// with the checkpoint.
  package init(
    _ settings: ExitTraining, base: TuneBase, texts: [TrainingText], shortlistCount: Int,
    topK: Int, cacheBytes: Int, folder: String, output: TuneOutput
  ) {
    self.base = base
    self.texts = texts
    self.settings = settings
    self.output = output
    let blueprint = base.model.weights.blueprint
    let counts = TokenCounts(texts, vocabularyCount: blueprint.vocabularyCount)
    shortlist = counts.mostFrequent(min(shortlistCount, blueprint.vocabularyCount))
    let depths = settings.modules.map(\.depth)
    description = HiddenCache.Description(
      base: base.fingerprint, depths: depths, width: blueprint.width,
      topK: min(topK, blueprint.vocabularyCount), texts: texts.fingerprint)
    positionLimit = max(1, cacheBytes / description.recordBytes)
    let label =
      "\(base.fingerprint.prefix(8))-\(texts.fingerprint)-"
      + depths.map { "\($0)" }.joined(separator: ".")
    cachePath = "\(folder)/hidden-\(label)-\(positionLimit).cache"
    checkpointPath = "\(folder)/exits-\(label).checkpoint.gguf"
    let targets = texts.reduce(0) { $0 + $1.targetCount }
    plan = Plan(
      targets: targets,
      heldOut: texts.filter(\.isHeldOut).reduce(0) { $0 + $1.targetCount },
      kept: min(targets, positionLimit), shortlistCount: shortlist.count,
      coverage: counts.coverage(of: shortlist))
  }

  /// Texts to learn from and to measure by.
  var textCount: Int { texts.count }

  /// What the training will take.
  package func estimate() throws -> TuneEstimate {
    let model = base.model
    let hasCache = HiddenCache(path: cachePath, matching: description) != nil
    var description = description
    description.count = plan.kept
    return try TuneEstimate(
      settings, vocabularyCount: model.weights.blueprint.vocabularyCount,
      width: description.width, frequentCount: shortlist.count, cache: description,
      tokenCount: hasCache ? 0 : texts.reduce(0) { $0 + $1.tokens.count },
      rowsPerSecond: hasCache ? 1 : base.collector(length: 256, for: description).rowsPerSecond(),
      threads: model.pool.count)
  }

  /// Reads, trains, measures and writes; returns the file's size and how the exits do on held-out
  /// positions. Throws a `CancellationError` where the task is cancelled.
  package func run(
    observe: @escaping (TuneEvent) -> Void = { _ in }
  ) throws -> (byteCount: Int, scores: [ExitScore]) {
    let cache = try base.cache(
      of: texts, at: cachePath, description: description, positionLimit: positionLimit,
      observe: observe)
    let head = try FrozenHead(file: base.file, blueprint: base.model.weights.blueprint)
    let trainer = try ExitTrainer(
      settings, head: head, cache: cache, shortlist: shortlist, pool: base.model.pool)
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
    let scores = trainer.evaluate(limit: 4096)
    let adapter = trainer.adapter(
      output.head(.exits, of: base, what: "exits"), scores: scores, gates: trainer.fitGates(),
      type: output.type)
    try adapter.write(to: output.file)
    try? FileManager.default.removeItem(atPath: checkpointPath)
    return (adapter.bytes().count, scores)
  }
}
