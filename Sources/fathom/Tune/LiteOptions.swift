import ArgumentParser
import GGUF
import Inference
import Reports
import Training

/// What differs between the trainings of the model itself in the options that they share.
protocol LiteDefaults: TuneDefaults {
  /// Positions of a text that have a loss in a step.
  static var positions: Int { get }
}

/// How the model itself is trained, and the way from data to file.
struct LiteOptions<Defaults: LiteDefaults>: ParsableArguments {
  @OptionGroup(title: "Model and machine") var modelOptions: ModelOptions
  @OptionGroup(title: "Data") var dataOptions: TuneDataOptions
  @OptionGroup(title: "Training") var training: TuneOptions<Defaults>

  @Option(
    name: .customLong("guard"), parsing: .unconditional,
    help: "The weight of the last block's divergence from the base.")
  var guardWeight: Float = 0

  @Flag(
    help:
      "Train the projections themselves and write a whole model, not an adapter; wants a lower --rate, such as 2e-5."
  )
  var full = false

  @Option(help: "How matrices are stored: f16, q8_0 or f32.")
  var type = "f16"

  @Option(parsing: .unconditional, help: "The rank of the changes.")
  var rank = 16

  @Option(
    parsing: .unconditional,
    help: "A change is alpha / rank times its product (default: twice the rank).")
  var alpha: Float?

  @Option(parsing: .unconditional, help: "Texts of a step.")
  var batch = 8

  @Option(parsing: .unconditional, help: "Positions of a text that have a loss in a step.")
  var positions = Defaults.positions

  func validate() throws {
    guard batch > 0, positions > 0, (1...1024).contains(rank), guardWeight >= 0 else {
      throw ValidationError(
        "--batch, --positions and --rank must be positive, --guard not negative.")
    }
    _ = try TensorType.stored(as: type)
  }

  /// Trains as these options say, with what `choose` adds for a model of so many blocks: exits, noise.
  func run(
    _ choose: (_ settings: inout LiteTraining, _ blockCount: Int) throws -> Void
  ) async throws {
    let inputs = try modelOptions.inputs() + dataOptions.data
    try training.outputs.check(training.output, from: inputs)
    let base = try TuneBase(modelOptions)
    let data = try await dataOptions.read()
    var settings = settings
    try choose(&settings, base.model.blockCount)
    let job = TuneLiteJob(
      settings, base: base, texts: try dataOptions.texts(of: data, base: base),
      folder: try training.folder(),
      output: try training.output(of: data, from: inputs, type: type))
    try job.check()
    training.say(job.planLines, estimate: { try job.estimate().words })
    if training.estimate { return }
    let labels = settings.exits.map { "\($0)" } + ["last"]
    let outcome = try await cancelledBySignals {
      let display = TuneDisplay(
        labels: labels, steps: training.steps, unit: "tokens", isPlain: training.plain)
      return try job.run(observe: display.show)
    }
    try say("\(training.output.visible): \(outcome.byteCount.megabytes)")
    for line in outcome.lines(exits: labels) { try say(line) }
  }

  private var settings: LiteTraining {
    var settings = LiteTraining(exits: [], steps: training.steps)
    settings.guardWeight = guardWeight
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
}

/// LITE's losses: where, and what they weigh.
struct LiteExitOptions: ParsableArguments {
  @Option(
    help: "Blocks executed before each exit (default: the paper's, every eighth of the depth).")
  var exits: String?

  @Option(help: "The weight of each exit's loss, with commas (default: 1 each).")
  var weights: String?

  @Option(parsing: .unconditional, help: "The weight of the last block's loss (default: 1).")
  var lastWeight: Float?

  @Flag(help: "One exit's loss a step, each in turn.")
  var rotate = false

  func validate() throws {
    guard lastWeight ?? 1 >= 0 else {
      throw ValidationError("--last-weight must not be negative.")
    }
  }

  /// Whether anything is said about exits.
  var isEmpty: Bool { exits == nil && weights == nil && lastWeight == nil && !rotate }

  /// Gives `settings` these losses.
  func choose(_ settings: inout LiteTraining, blockCount: Int) throws {
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
    settings.exits = depths.sorted()
    settings.exitWeights = try weights.map { try list($0, "--weights") } ?? depths.map { _ in 1 }
    settings.lastWeight = lastWeight ?? 1
    settings.rotates = rotate
  }
}
