import ArgumentParser
import Training

/// `fathom tune msn`: noise in the inputs, so that the model looks past wrong guesses.
struct TuneMSNCommand: AsyncParsableCommand {
  enum Defaults: LiteDefaults {
    static let steps = 1000
    static let rate: Float = 2e-4
    static let output = "msn.gguf"
    static let positions = 512
  }

  static let configuration = CommandConfiguration(
    commandName: "msn",
    abstract: "Train the model itself to look past wrong guesses (Make Some Noise); it changes.",
    discussion: """
      In some of the texts a segment of the answer is replaced by tokens from the text before it, while \
      what is to be predicted stays as it was: the model learns to go on behind a wrong guess, and more \
      of its own guesses come true (`--draft jacobi`, `--draft auto`). Train on text that the model \
      wrote itself (`tune answers`), so that its answers stay what they are. The loss of held-out texts \
      without noise is watched: where it rises by more than --clean-limit, training goes back to where \
      it was good and halves the rate; the third time it ends with what was good. All projections are \
      changed, by low rank (LoRA), or with --full themselves; --lite adds the losses of `tune lite`. A \
      run that was stopped goes on with the same command.
      """)

  @OptionGroup var options: LiteOptions<Defaults>

  @Option(help: "Tokens of a segment: as 5, or 1-5 for each length alike (default: 1-5).")
  var segment: String?

  @Option(parsing: .unconditional, help: "The share of texts with noise (default: 0.5).")
  var noisy: Float?

  @Option(
    parsing: .unconditional,
    help: "Segments of a noisy text at most, which do not touch; as published: one.")
  var segments = 1

  @Flag(help: "The paper's noise: one segment of 5 tokens in every text.")
  var paper = false

  @Option(
    parsing: .unconditional,
    help: "Nats by which the loss without noise may rise; inf: by any number.")
  var cleanLimit = CleanGuard().limit

  @Option(
    parsing: .unconditional,
    help: "Steps from one measurement of the loss without noise to the next.")
  var cleanEvery = CleanGuard().interval

  @Flag(help: "Add the losses of `tune lite` at exits.")
  var lite = false

  @OptionGroup var exitOptions: LiteExitOptions

  func validate() throws {
    guard !paper || (segment == nil && noisy == nil && segments == 1) else {
      throw ValidationError(
        "--paper says what --segment, --noisy and --segments are. Leave them out.")
    }
    guard lite || exitOptions.isEmpty else {
      throw ValidationError(
        "--exits, --weights, --last-weight and --rotate are for the losses at exits. Add --lite.")
    }
    guard (1...64).contains(segments) else {
      throw ValidationError("--segments must be between 1 and 64.")
    }
    guard cleanLimit >= 0, cleanEvery > 0 else {
      throw ValidationError("--clean-limit must not be negative, and --clean-every positive.")
    }
    _ = try noise
  }

  private var noise: InputNoise {
    get throws {
      if paper { return .published }
      let (text, share) = (segment ?? "1-5", noisy ?? 0.5)
      guard let lengths = InputNoise.lengths(text) else {
        throw ValidationError(
          "--segment takes a number of tokens such as 5, or a range such as 1-5.")
      }
      guard lengths.upperBound < options.dataOptions.length else {
        throw ValidationError("--segment must be shorter than --length.")
      }
      guard (0...1).contains(share) else {
        throw ValidationError("--noisy must be between 0 and 1.")
      }
      return InputNoise(lengths: lengths, share: share, segments: segments)
    }
  }

  func run() async throws {
    try await reportingErrors {
      try await options.run { settings, blockCount in
        settings.noise = try noise
        settings.clean = CleanGuard()
        settings.clean?.limit = cleanLimit
        settings.clean?.interval = cleanEvery
        settings.heldOutLimit = 64
        if lite { try exitOptions.choose(&settings, blockCount: blockCount) }
      }
    }
  }
}
