import Dials
import Events
import Foundation
import GGUF
import Inference
import Kernels
import Training
import Transformer

/// A training of exits with all that it needs, from the plan to the adapter's file.
struct TuneExitsJob: Sendable {
  private let command: TuneExitsCommand
  private let base: TuneBase
  private let texts: [TrainingText]
  private let shortlist: [Int32]
  private let coverage: Double
  private let settings: ExitTraining
  private let description: HiddenCache.Description
  private let cachePath: String
  private let checkpointPath: String
  private let positionLimit: Int
  private let digests: [String]
  /// What came out, line by line.
  private(set) var report: [String] = []

  /// Plans a training.
  init(
    command: TuneExitsCommand, base: TuneBase, modules: [ExitShape], texts: [TrainingText]
  ) throws {
    self.command = command
    self.base = base
    self.texts = texts
    let blueprint = base.model.weights.blueprint
    let counts = TokenCounts(texts, vocabularyCount: blueprint.vocabularyCount)
    shortlist = counts.mostFrequent(min(command.shortlist, blueprint.vocabularyCount))
    coverage = counts.coverage(of: shortlist)
    var settings = ExitTraining(modules: modules, steps: command.training.steps)
    settings.shardsPerStep = command.batch / settings.shardRows
    settings.rate = command.training.rate
    settings.draws = command.draws
    settings.seed = command.training.seed
    self.settings = settings
    description = HiddenCache.Description(
      base: base.fingerprint, depths: modules.map(\.depth), width: blueprint.width,
      named: min(command.named, blueprint.vocabularyCount), texts: texts.fingerprint)
    positionLimit = max(
      1, Int(command.cacheLimit * 1e9) / description.recordBytes)
    let folder = try command.workFolder()
    let label =
      "\(base.fingerprint.prefix(8))-\(texts.fingerprint)-"
      + modules.map { "\($0.depth)" }.joined(separator: ".")
    cachePath = "\(folder)/hidden-\(label)-\(positionLimit).cache"
    checkpointPath = "\(folder)/exits-\(label).checkpoint.gguf"
    digests = try command.dataOptions.digests()
  }

  /// Says on the error output what there is to learn from and what it will take.
  func printPlan() {
    let targets = texts.reduce(0) { $0 + $1.targetCount }
    let kept = min(targets, positionLimit)
    let heldOut = texts.filter(\.isHeldOut).reduce(0) { $0 + $1.targetCount }
    printError(
      "fathom: \(texts.count) texts, \(targets.grouped) positions, of which \(heldOut.grouped) are "
        + "held out\(kept < targets ? "; \(kept.grouped) fit in --cache-limit" : "")")
    printError(
      "fathom: short head of \(shortlist.count.grouped) tokens, which cover "
        + "\((100 * coverage).rounded(to: 1)) % of what is learnt")
    guard let estimate = try? estimate(positions: kept) else { return }
    printError(
      "fathom: about \(estimate.readingSeconds.asTime) to read the texts, "
        + "\(estimate.trainingSeconds.asTime) to train, \(estimate.memoryBytes.megabytes) of memory, "
        + "\(estimate.diskBytes.megabytes) of disk")
  }

  private func estimate(positions: Int) throws -> TuneEstimate {
    let model = base.model
    let hasCache = HiddenCache(path: cachePath, matching: description) != nil
    var description = description
    description.count = positions
    let collector = collector(length: 256)
    return try TuneEstimate(
      settings, vocabularyCount: model.weights.blueprint.vocabularyCount,
      width: description.width, frequentCount: shortlist.count, cache: description,
      tokenCount: hasCache ? 0 : texts.reduce(0) { $0 + $1.tokens.count },
      rowsPerSecond: hasCache ? 1 : collector.rowsPerSecond(), threads: model.crew.count)
  }

  private func collector(length: Int) -> HiddenCollector {
    HiddenCollector(
      base.model.runtime, length: length, depths: description.depths, named: description.named)
  }

  /// Reads, trains, measures and writes.
  mutating func run() throws {
    let cache = try cache()
    let head = try FrozenHead(file: base.file, blueprint: base.model.weights.blueprint)
    let trainer = try ExitTrainer(
      settings, head: head, cache: cache, shortlist: shortlist, crew: base.model.crew)
    if let checkpoint = try Checkpoint(path: checkpointPath) {
      try trainer.resume(from: checkpoint)
      printError("fathom: goes on from step \(trainer.step) (\(checkpointPath.visible))")
    }
    try train(trainer)
    let scores = trainer.evaluate(limit: 4096)
    let gates = trainer.fitGates()
    let adapter = trainer.adapter(
      adapterHead, scores: scores, gates: gates, type: command.storageType)
    try adapter.write(to: command.training.output)
    try? FileManager.default.removeItem(atPath: checkpointPath)
    let size = adapter.bytes().count
    report = ["\(command.training.output.visible): \(size.megabytes)"] + ExitReport.lines(scores)
  }

  private func cache() throws -> HiddenCache {
    if let cache = HiddenCache(path: cachePath, matching: description) { return cache }
    let longest = texts.map(\.tokens.count).max() ?? 1
    let progress = ProgressLine()
    defer { progress.finish() }
    let isWhole = try collector(length: longest).collect(
      texts, to: cachePath, description: description, positionLimit: positionLimit
    ) { done, all in
      progress.draw("reading", count: done, of: all)
      return !Task.isCancelled
    }
    guard isWhole, let cache = HiddenCache(path: cachePath, matching: description) else {
      throw CancellationError()
    }
    return cache
  }

  private func train(_ trainer: ExitTrainer) throws {
    var display = TuneDisplay(
      labels: settings.modules.map { "\($0.depth)" }, steps: settings.steps,
      unit: "positions", firstStep: trainer.step, isPlain: command.training.plain)
    let clock = ContinuousClock()
    var saved = clock.now
    do {
      while trainer.step < settings.steps {
        let report = try trainer.takeStep()
        display.show(step: report.step, losses: report.losses, amount: settings.batchSize)
        if Task.isCancelled {
          try trainer.save(to: checkpointPath)
          printError("fathom: stopped; the same command goes on from step \(trainer.step)")
          throw CancellationError()
        }
        if clock.now - saved > .seconds(60) {
          try trainer.save(to: checkpointPath)
          saved = clock.now
        }
      }
    } catch let error as TrainingError where error.code == .diverged {
      try trainer.save(to: checkpointPath)
      throw error
    }
  }

  private var adapterHead: AdapterHead {
    let blueprint = base.model.weights.blueprint
    var recipe = AdapterHead.Recipe()
    recipe.command = (["fathom"] + CommandLine.arguments.dropFirst()).joined(separator: " ")
    recipe.files = command.dataOptions.data.map { URL(filePath: $0).lastPathComponent }
    recipe.digests = digests
    recipe.note = command.training.dataNote
    return AdapterHead(
      name: command.name ?? "\(base.model.card.name) exits", license: command.training.license,
      form: .exits,
      base: AdapterHead.Base(
        sha256: base.fingerprint, name: base.model.card.name, blueprint: blueprint),
      exits: [], shortlist: [], recipe: recipe)
  }
}

/// How exits do on held-out positions, as a table: per threshold how many tokens leave, and how many
/// of these are the last layer's.
enum ExitReport {
  private static let thresholds: [Float] = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95]

  static func lines(_ scores: [ExitScore]) -> [String] {
    var rows: [[String]] = []
    for score in scores {
      for (label, sees) in heads {
        rows.append(
          ["\(score.depth)", label, share(score.samples.count { sees($0).agrees }, score)]
            + [label == "full" ? score.divergence.rounded(to: 3) : ""]
            + thresholds.map { threshold in
              let leaving = score.samples.filter { sees($0).confidence > threshold }
              let right = leaving.count { sees($0).agrees }
              let precision = leaving.isEmpty ? "-" : percent(right, of: leaving.count)
              return "\(share(leaving.count, score)) \(precision)"
            })
      }
    }
    return Table(
      header: ["EXIT", "HEAD", "AGREE", "KL"] + thresholds.map { "LEAVE/RIGHT >\($0)" }, rows: rows
    ).lines
  }

  private static let heads:
    [(String, @Sendable (ExitScore.Sample) -> (confidence: Float, agrees: Bool))] = [
      ("full", { ($0.confidence, $0.agrees) }),
      ("short", { ($0.shortConfidence, $0.shortAgrees) }),
    ]

  private static func share(_ count: Int, _ score: ExitScore) -> String {
    percent(count, of: score.samples.count)
  }

  private static func percent(_ count: Int, of all: Int) -> String {
    (100 * Double(count) / Double(max(1, all))).rounded(to: 1)
  }
}
