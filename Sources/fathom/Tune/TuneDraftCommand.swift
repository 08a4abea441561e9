import ArgumentParser
import GGUF
import Reports
import Training

/// `fathom tune draft`: a head that guesses the tokens that come next.
struct TuneDraftCommand: AsyncParsableCommand {
  enum Defaults: TuneDefaults {
    static let steps = 1000
    static let rate: Float = 1e-3
    static let output = "draft.gguf"
  }

  static let configuration = CommandConfiguration(
    commandName: "draft",
    abstract: "Train a head that guesses the next tokens; the model's text stays as it is.",
    discussion: """
      The texts are read once by the model, and what its last block says is kept on disk. Then a small head \
      learns to guess from that, and from the token just decided, what the model says next. The model \
      verifies every guess, so the head changes how fast a text comes and nothing else. A run that was \
      stopped goes on with the same command. Text that the model wrote (`tune answers`) teaches most; other \
      text helps too.
      """)

  @OptionGroup(title: "Model and machine") var modelOptions: ModelOptions
  @OptionGroup(title: "Data") var dataOptions: TuneDataOptions
  @OptionGroup(title: "Training") var training: TuneOptions<Defaults>

  @Option(parsing: .unconditional, help: "Width of the head's feed-forward.")
  var inner = 512

  @Option(
    parsing: .unconditional, help: "Tokens that can be guessed: the most frequent ones of the data."
  )
  var tokens = 2048

  @Option(parsing: .unconditional, help: "Guesses in a row that are learnt.")
  var guesses = 3

  @Option(parsing: .unconditional, help: "Positions of a step, in shards of 256.")
  var batch = 2048

  @Option(
    parsing: .unconditional,
    help: "GB that the cache on disk may take; positions beyond are left out.")
  var cacheLimit = 8.0

  @Option(help: "How matrices are stored: f16, q8_0, q4_1 or f32.")
  var type = "q4_1"

  @Option(help: "What people call the head.")
  var name: String?

  func validate() throws {
    guard batch >= 256, batch % 256 == 0 else {
      throw ValidationError("--batch must be a multiple of 256.")
    }
    guard (32...16384).contains(inner), inner % 32 == 0 else {
      throw ValidationError("--inner must be a multiple of 32 up to 16384.")
    }
    guard (16...65536).contains(tokens), (1...8).contains(guesses) else {
      throw ValidationError("--tokens must be 16 to 65536, and --guesses 1 to 8.")
    }
    guard cacheLimit > 0, cacheLimit < 1e6 else {
      throw ValidationError("--cache-limit must be above 0.")
    }
    _ = try TensorType.stored(as: type)
  }

  func run() async throws {
    try await reportingErrors {
      let inputs = try modelOptions.inputs() + dataOptions.data
      try training.outputs.check(training.output, from: inputs)
      let base = try TuneBase(modelOptions)
      let data = try await dataOptions.read()
      let texts = try dataOptions.texts(of: data, base: base)
      var settings = DraftTraining(steps: training.steps)
      settings.inner = inner
      settings.guesses = guesses
      settings.shardsPerStep = batch / settings.shardRows
      settings.rate = training.rate
      settings.seed = training.seed
      let job = TuneDraftJob(
        settings, base: base, texts: texts, tokenCount: tokens, cacheBytes: Int(cacheLimit * 1e9),
        folder: try training.folder(),
        output: try training.output(of: data, from: inputs, type: type, name: name))
      training.say(job.planLines, estimate: { try job.estimate().words })
      if training.estimate { return }
      let (byteCount, score) = try await cancelledBySignals {
        let display = TuneDisplay(
          labels: (1...guesses).map { "guess \($0)" }, steps: training.steps, unit: "positions",
          isPlain: training.plain)
        return try job.run(observe: display.show)
      }
      try say("\(training.output.visible): \(byteCount.megabytes)")
      for line in score.lines { try say(line) }
    }
  }
}
