import ArgumentParser
import GGUF
import Inference
import Reports
import Training

/// `fathom tune lite`: losses at exits and at full depth, by changes of low rank or of everything.
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
      Normalised cross-entropy of chosen exits and the last block through the shared norm and head, \
      by changes of low rank (LoRA) of all projections, or with --full of the projections themselves. \
      The text of full depth changes; --guard keeps it near the base's. `tune exits` gains more in \
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

  @Option(parsing: .unconditional, help: "The weight of the last block's loss.")
  var lastWeight: Float = 1

  @Option(
    name: .customLong("guard"), parsing: .unconditional,
    help: "The weight of the last block's divergence from the base.")
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

  @Option(parsing: .unconditional, help: "The rank of the changes.")
  var rank = 16

  @Option(
    parsing: .unconditional,
    help: "A change is alpha / rank times its product (default: twice the rank).")
  var alpha: Float?

  @Option(parsing: .unconditional, help: "Texts of a step.")
  var batch = 8

  @Option(parsing: .unconditional, help: "Positions of a text that have a loss in a step.")
  var positions = 128

  func validate() throws {
    guard batch > 0, positions > 0, (1...1024).contains(rank), lastWeight >= 0, guardWeight >= 0
    else {
      throw ValidationError(
        "--batch, --positions and --rank must be positive, weights not negative.")
    }
    _ = try TensorType.stored(as: type)
  }

  func run() async throws {
    try await reportingErrors {
      let inputs = try modelOptions.inputs() + dataOptions.data
      try training.outputs.check(training.output, from: inputs)
      let base = try TuneBase(modelOptions)
      let data = try await dataOptions.read()
      let builder = base.builder(length: dataOptions.length, heldOutShare: dataOptions.heldOut)
      let settings = try settings(blockCount: base.model.blockCount)
      let job = TuneLiteJob(
        settings, base: base, texts: builder.texts(of: data.rows),
        folder: try training.folder(),
        output: try training.output(of: data, from: inputs, type: type))
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
}
