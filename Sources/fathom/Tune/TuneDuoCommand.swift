import ArgumentParser
import GGUF
import Reports
import Training

/// `fathom tune duo`: small feed-forwards, and routers that say where they are enough.
struct TuneDuoCommand: AsyncParsableCommand {
  enum Defaults: TuneDefaults {
    static let steps = 300
    static let leastSteps = 0
    static let rate: Float = 3e-4
    static let output = "duo.gguf"
  }

  static let configuration = CommandConfiguration(
    commandName: "duo",
    abstract: "Train small feed-forwards that stand in for the big ones, and their routers.",
    discussion: """
      Beside each block's big feed-forward stands a small one (Duo-LLM, arXiv 2410.10846). Its first values \
      are fitted to what the big one says; then steps through the model with random patterns of small and \
      big teach all of them to say together what the whole model says. The model itself stays as it is. At \
      last routers learn from what it costs, token by token, that one block is small; with --router task, \
      as in the paper, from the loss of the model mixed from both under one budget. --from makes only \
      routers anew. A run that was stopped goes on with the same command. Text that the model wrote (`tune \
      answers`) teaches most.
      """)

  @OptionGroup(title: "Model and machine") var modelOptions: ModelOptions
  @OptionGroup(title: "Data") var dataOptions: TuneDataOptions
  @OptionGroup(title: "Training") var training: TuneOptions<Defaults>

  @Option(parsing: .unconditional, help: "Gated units of each small feed-forward.")
  var inner = 96

  @Option(parsing: .unconditional, help: "Linear units of each; 0 for the paper's plain form.")
  var rank = 64

  @Option(parsing: .unconditional, help: "Texts of a step.")
  var batch = 8

  @Option(parsing: .unconditional, help: "Positions of a text that have a loss in a step.")
  var positions = 96

  @Option(help: "The share of small feed-forwards in a text is drawn from these two.")
  var share = "0.05,0.5"

  @OptionGroup(title: "Routers") var routers: RouterOptions

  @Option(parsing: .unconditional, help: "Positions at which every block's damage is read.")
  var labels = 2048

  @Option(parsing: .unconditional, help: "Tokens behind such a position that count too.")
  var horizon = 4

  @Option(help: "How matrices are stored: f16, q8_0, q4_1 or f32.")
  var type = "q4_1"

  @Option(help: "What people call the adapter.")
  var name: String?

  func validate() throws {
    guard (32...16384).contains(inner), inner % 32 == 0, (0...16384).contains(rank), rank % 32 == 0
    else {
      throw ValidationError(
        "--inner must be a multiple of 32 up to 16384, and --rank one or 0.")
    }
    guard batch > 0, positions > 0, (16...1_000_000).contains(labels), (0...16).contains(horizon)
    else {
      throw ValidationError(
        "--batch and --positions must be positive, --labels 16 to 1000000, --horizon 0 to 16.")
    }
    _ = try shares
    _ = try TensorType.stored(as: type)
  }

  private var shares: ClosedRange<Float> {
    get throws {
      guard let numbers = NumberList.parse(share, in: Float(0)...1), numbers.count == 2,
        numbers[0] <= numbers[1]
      else {
        throw ValidationError("--share takes two numbers within 0 and 1, such as 0.05,0.5.")
      }
      return numbers[0]...numbers[1]
    }
  }

  func run() async throws {
    try await reportingErrors {
      let inputs = try modelOptions.inputs() + dataOptions.data + routers.inputs
      try training.outputs.check(training.output, from: inputs)
      let base = try TuneBase(modelOptions)
      let data = try await dataOptions.read()
      let job = TuneDuoJob(
        try settings, base: base, texts: try dataOptions.texts(of: data, base: base),
        folder: try training.folder(),
        output: try training.output(of: data, from: inputs, type: type, name: name),
        taking: try routers.given(for: base))
      try job.check()
      training.say(job.planLines, estimate: { try job.estimate().words })
      if training.estimate { return }
      let outcome = try await cancelledBySignals {
        let display = TuneDisplay(
          labels: ["small"], steps: training.steps, unit: "tokens", isPlain: training.plain)
        return try job.run(observe: display.show)
      }
      try say("\(training.output.visible): \(outcome.byteCount.megabytes)")
      for line in outcome.lines { try say(line) }
    }
  }

  private var settings: DuoTraining {
    get throws {
      var settings = DuoTraining(steps: training.steps)
      settings.inner = inner
      settings.rank = rank
      settings.batch = batch
      settings.positions = positions
      settings.shares = try shares
      settings.labels = labels
      settings.horizon = horizon
      settings.router = routers.settings
      settings.length = dataOptions.length
      settings.rate = training.rate
      settings.seed = training.seed
      return settings
    }
  }
}
