import ArgumentParser
import GGUF
import Inference
import Reports
import Training
import Transformer

/// `fathom tune exits`: modules that let a frozen model speak before its last block.
struct TuneExitsCommand: AsyncParsableCommand {
  enum Defaults: TuneDefaults {
    static let steps = 1000
    static let rate: Float = 1.5e-3
    static let output = "exits.gguf"
  }

  static let configuration = CommandConfiguration(
    commandName: "exits",
    abstract: "Train exit modules; the model itself stays as it is, bit for bit.",
    discussion: """
      The texts are read once by the model, and what its blocks compute is kept on disk. Then a small \
      module for each exit learns to predict what full depth predicts. A run that was stopped \
      goes on with the same command. Train on text that the model wrote (`tune answers`).
      """)

  @OptionGroup(title: "Model and machine") var modelOptions: ModelOptions
  @OptionGroup(title: "Data") var dataOptions: TuneDataOptions
  @OptionGroup(title: "Training") var training: TuneOptions<Defaults>

  @Option(help: "Blocks executed before each exit (default: after 2/3 and 5/6 of the blocks).")
  var exits: String?

  @Option(help: "The form of a module, or one for each exit: \(ExitShape.Kind.notation).")
  var module = "mlp:512+linear"

  @Option(parsing: .unconditional, help: "Positions of a step, in shards of 256.")
  var batch = 2048

  @Option(
    parsing: .unconditional, help: "Tokens of the short head: the most frequent ones of the data.")
  var shortlist = 4096

  @Option(
    parsing: .unconditional,
    help: "Other tokens that the loss looks at in each shard, drawn at random.")
  var draws = 1024

  @Option(
    parsing: .unconditional, help: "Next tokens of full depth that are kept for each position.")
  var named = 16

  @Option(
    parsing: .unconditional,
    help: "GB that the cache on disk may take; positions beyond are left out.")
  var cacheLimit = 8.0

  @Option(help: "How matrices are stored: f16, q8_0, q4_1 or f32.")
  var type = "q8_0"

  @Option(help: "What people call the adapter.")
  var name: String?

  func validate() throws {
    guard batch >= 256, batch % 256 == 0 else {
      throw ValidationError("--batch must be a multiple of 256.")
    }
    guard shortlist >= 0, draws >= 0, (1...256).contains(named) else {
      throw ValidationError("--shortlist, --draws or --named makes no sense.")
    }
    _ = try TensorType.stored(as: type)
  }

  func run() async throws {
    try await reportingErrors {
      let inputs = try modelOptions.inputs() + dataOptions.data
      try training.outputs.check(training.output, from: inputs)
      let base = try TuneBase(modelOptions)
      let blockCount = base.model.blockCount
      let depths = try exits.map { try NumberList.depths($0, blockCount: blockCount) }
      let modules = try ExitShape.modules(module, at: depths, blockCount: blockCount)
      let data = try await dataOptions.read()
      let texts = try dataOptions.texts(of: data, base: base)
      var settings = ExitTraining(modules: modules, steps: training.steps)
      settings.shardsPerStep = batch / settings.shardRows
      settings.rate = training.rate
      settings.draws = draws
      settings.seed = training.seed
      let job = TuneExitsJob(
        settings, base: base, texts: texts, shortlistCount: shortlist, topK: named,
        cacheBytes: Int(cacheLimit * 1e9), folder: try training.folder(),
        output: try training.output(of: data, from: inputs, type: type, name: name))
      training.say(job.planLines, estimate: { try job.estimate().words })
      if training.estimate { return }
      let labels = modules.map { "\($0.depth)" }
      let (byteCount, scores) = try await cancelledBySignals {
        let display = TuneDisplay(
          labels: labels, steps: training.steps, unit: "positions", isPlain: training.plain)
        return try job.run(observe: display.show)
      }
      try say("\(training.output.visible): \(byteCount.megabytes)")
      for line in ExitReport.lines(scores) { try say(line) }
    }
  }
}
