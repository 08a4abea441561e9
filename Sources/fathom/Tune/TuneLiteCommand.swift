import ArgumentParser

/// `fathom tune lite`: losses at exits and at full depth, by changes of low rank or of everything.
struct TuneLiteCommand: AsyncParsableCommand {
  enum Defaults: LiteDefaults {
    static let steps = 400
    static let rate: Float = 3e-4
    static let output = "lite.gguf"
    static let positions = 128
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

  @OptionGroup var options: LiteOptions<Defaults>
  @OptionGroup var exitOptions: LiteExitOptions

  func run() async throws {
    try await reportingErrors {
      try await options.run { try exitOptions.choose(&$0, blockCount: $1) }
    }
  }
}
