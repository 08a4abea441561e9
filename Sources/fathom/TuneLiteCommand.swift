import ArgumentParser
import Dials
import Events
import Foundation
import GGUF
import Inference
import Kernels
import Sessions
import Training
import Transformer

extension FileManager {
  /// Bytes of a file; 0 where there is none.
  fileprivate func sizeOfFile(_ path: String) -> Int {
    (try? attributesOfItem(atPath: path))?[.size] as? Int ?? 0
  }
}

/// `fathom tune lite`: losses at exits and at the last layer, by changes of low rank or of everything.
struct TuneLiteCommand: AsyncParsableCommand {
  enum Defaults: TuneDefaults {
    static let steps = 400
    static let rate: Float = 3e-4
    static let output = "lite.gguf"
  }

  static let configuration = CommandConfiguration(
    commandName: "lite",
    abstract: "Train the model itself to speak early, as published (LITE); it changes.",
    discussion: """
      Normalised cross-entropy of chosen exits and the last layer through the shared norm and head, \
      by changes of low rank (LoRA) of all projections, or with --full of the projections themselves. \
      The last layer's text changes; --guard keeps it near the base's. `tune exits` gains more in \
      less time and leaves the model alone. A run that was stopped goes on with the same command.
      """)

  @OptionGroup var modelOptions: ModelOptions
  @OptionGroup var dataOptions: TuneDataOptions
  @OptionGroup var training: TuneOptions<Defaults>

  @Option(
    help: "Blocks executed before each exit (default: the paper's, every eighth of the depth).")
  var exits: String?

  @Option(help: "The weight of each exit's loss, with commas (default: 1 each).")
  var weights: String?

  @Option(help: "The weight of the last layer's loss.")
  var lastWeight: Float = 1

  @Option(
    name: .customLong("guard"), help: "The weight of the last layer's divergence from the base.")
  var guardWeight: Float = 0

  @Flag(help: "One exit's loss a step, each in turn.")
  var rotate = false

  @Flag(
    help:
      "Train the projections themselves and write a whole model, not an adapter; wants a lower --rate, such as 2e-5."
  )
  var full = false

  @Option(help: "How matrices are stored: f16, q8_0 or f32.")
  var type = "f16"

  @Option(help: "The rank of the changes.")
  var rank = 16

  @Option(help: "A change is alpha / rank times its product (default: twice the rank).")
  var alpha: Float?

  @Option(help: "Texts of a step.")
  var batch = 8

  @Option(help: "Positions of a text that have a loss in a step.")
  var positions = 128

  func validate() throws {
    guard batch > 0, positions > 0, (1...1024).contains(rank), lastWeight >= 0, guardWeight >= 0
    else {
      throw ValidationError(
        "--batch, --positions and --rank must be positive, weights not negative.")
    }
    guard storage != nil else { throw ValidationError("--type must be f16, q8_0 or f32.") }
  }

  func run() async throws {
    try await reportingErrors {
      let base = try TuneBase(modelOptions)
      let builder = TextBuilder(
        tokenizer: base.model.tokenizer, template: base.model.template, length: dataOptions.length,
        heldOutShare: dataOptions.heldOut)
      let settings = try settings(blockCount: base.model.blockCount)
      let texts = settings.used(of: builder.texts(of: try await dataOptions.rows()))
      printPlan(settings, texts: texts, base: base)
      if training.estimate { return }
      let lines = try await cancelledBySignals { try train(settings, texts: texts, base: base) }
      for line in lines { print(line) }
    }
  }

  private func settings(blockCount: Int) throws -> LiteTraining {
    func list<Value: LosslessStringConvertible>(_ text: String, _ name: String) throws -> [Value] {
      let values = text.split(separator: ",").map { Value(String($0)) }
      guard !values.contains(where: { $0 == nil }) else {
        throw ValidationError("\(name) takes numbers with commas.")
      }
      return values.compactMap { $0 }
    }
    let depths: [Int] =
      try exits.map { try list($0, "--exits") }
      ?? LiteTraining.publishedExits(blockCount: blockCount)
    var settings = LiteTraining(exits: depths.sorted(), steps: training.steps)
    if let weights { settings.exitWeights = try list(weights, "--weights") }
    settings.lastWeight = lastWeight
    settings.guardWeight = guardWeight
    settings.rotates = rotate
    settings.isFull = full
    settings.rank = rank
    settings.alpha = alpha ?? Float(2 * rank)
    settings.batch = batch
    settings.positions = positions
    settings.length = dataOptions.length
    settings.rate = training.rate
    settings.seed = training.seed
    return settings
  }

  private func printPlan(_ settings: LiteTraining, texts: [TrainingText], base: TuneBase) {
    let tokens = texts.reduce(0) { $0 + $1.tokens.count }
    printError(
      "fathom: \(texts.count) texts, \(tokens.grouped) tokens, "
        + "\(texts.count { $0.isHeldOut }) texts held out")
    guard
      let plan = try? LiteEstimate(
        settings, weights: base.model.weights, texts: texts, threads: base.model.crew.count)
    else { return }
    printError(
      "fathom: about \(plan.seconds.asTime) to train, \(plan.memoryBytes.megabytes) of memory, "
        + "\(plan.diskBytes.megabytes) of disk")
  }

  private func train(
    _ settings: LiteTraining, texts: [TrainingText], base: TuneBase
  ) throws -> [String] {
    let folder = training.work ?? Places().state + "/tune"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let label = "\(base.fingerprint.prefix(8))-\(texts.fingerprint)"
    let trunk = try Trunk(file: base.file, weights: base.model.weights)
    let trainer = try LiteTrainer(
      settings, trunk: trunk, texts: texts,
      guardCache: guardWeight > 0 ? try predictions(texts, base: base, folder: folder) : nil,
      crew: base.model.crew)
    let path = "\(folder)/lite-\(label).checkpoint.gguf"
    if let checkpoint = try Checkpoint(path: path) {
      try trainer.resume(from: checkpoint)
      printError("fathom: goes on from step \(trainer.step) (\(path.visible))")
    }
    let heldOut = texts.filter(\.isHeldOut)
    let before = trainer.step == 0 ? trainer.evaluate(heldOut) : nil
    try run(trainer, checkpoint: path)
    let after = trainer.evaluate(heldOut)
    let file = try writer(trainer, base: base)
    try file.write(to: training.output)
    try? FileManager.default.removeItem(atPath: path)
    let rows = zip(settings.exits.map { "\($0)" } + ["last"], after.exits + [after.last])
    return [
      "\(training.output.visible): \(FileManager.default.sizeOfFile(training.output).megabytes)"
    ]
      + Table(
        header: ["EXIT", "CROSS-ENTROPY", "BEFORE"],
        rows: rows.enumerated().map { index, row in
          let old = before.map { ($0.exits + [$0.last])[index].rounded(to: 3) }
          return [row.0, row.1.rounded(to: 3), old ?? ""]
        }
      ).lines
  }

  private func run(_ trainer: LiteTrainer, checkpoint path: String) throws {
    var display = TuneDisplay(
      labels: trainer.settings.exits.map { "\($0)" } + ["last"], steps: training.steps,
      unit: "tokens",
      firstStep: trainer.step, isPlain: training.plain)
    let clock = ContinuousClock()
    var saved = clock.now
    while trainer.step < training.steps {
      let report = try trainer.takeStep()
      display.show(
        step: report.step, losses: report.exitLosses + [report.lastLoss],
        amount: report.tokenCount)
      if Task.isCancelled || clock.now - saved > .seconds(60) {
        try trainer.save(to: path)
        saved = clock.now
      }
      if Task.isCancelled {
        printError("fathom: stopped; the same command goes on from step \(trainer.step)")
        throw CancellationError()
      }
    }
  }

  /// The base's predictions for every target, for the guard.
  private func predictions(
    _ texts: [TrainingText], base: TuneBase, folder: String
  ) throws -> HiddenCache {
    let description = HiddenCache.Description(
      base: base.fingerprint, depths: [], width: base.model.weights.blueprint.width, named: 32,
      texts: texts.fingerprint)
    let path = "\(folder)/guard-\(base.fingerprint.prefix(8))-\(texts.fingerprint).cache"
    if let cache = HiddenCache(path: path, matching: description) { return cache }
    let progress = ProgressLine()
    defer { progress.finish() }
    let isWhole = try HiddenCollector(
      base.model.runtime, length: dataOptions.length, depths: [], named: 32
    ).collect(texts, to: path, description: description) { done, all in
      progress.draw("reading", count: done, of: all)
      return !Task.isCancelled
    }
    guard isWhole, let cache = HiddenCache(path: path, matching: description) else {
      throw CancellationError()
    }
    return cache
  }

  /// What is written: the adapter, or the model as it was trained.
  private func writer(_ trainer: LiteTrainer, base: TuneBase) throws -> GGUFWriter {
    let (head, type) = (try head(base), storage ?? .f16)
    return full
      ? trainer.model(over: base.file, head, type: type) : trainer.adapter(head, type: type)
  }

  private var storage: TensorType? {
    [TensorType.f16, .q8_0, .f32].first { $0.name == type.uppercased() }
  }

  private func head(_ base: TuneBase) throws -> AdapterHead {
    var recipe = AdapterHead.Recipe()
    recipe.command = (["fathom"] + CommandLine.arguments.dropFirst()).joined(separator: " ")
    recipe.files = dataOptions.data.map { URL(filePath: $0).lastPathComponent }
    recipe.digests = try dataOptions.digests()
    recipe.note = training.dataNote
    return AdapterHead(
      name: "\(base.model.card.name) LITE", license: training.license, form: .lora,
      base: AdapterHead.Base(
        sha256: base.fingerprint, name: base.model.card.name,
        blueprint: base.model.weights.blueprint),
      exits: [], shortlist: [], recipe: recipe)
  }
}
