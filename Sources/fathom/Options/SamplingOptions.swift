import ArgumentParser
import Chat
import Events

/// How tokens are drawn. Names as in llama.cpp.
struct SamplingOptions: ParsableArguments {
  private static let usual = ChatSettings().sampler

  @Option(
    name: [.customLong("temp"), .customLong("temperature")], parsing: .unconditional,
    help: "0 always takes the most probable token.")
  var temperature = Self.usual.temperature

  @Option(
    parsing: .unconditional, help: "Draw from this many of the most probable tokens; 0 from all.")
  var topK = Self.usual.topK

  @Option(parsing: .unconditional, help: "Draw from the most probable tokens up to this share.")
  var topP = Self.usual.topP

  @Option(
    parsing: .unconditional, help: "Leave out tokens below this share of the most probable one.")
  var minP = Self.usual.minP

  @Option(parsing: .unconditional, help: "Divide the logits of recent tokens by this; 1 is off.")
  var repeatPenalty = Self.usual.repeatPenalty

  @Option(parsing: .unconditional, help: "How many tokens are recent.")
  var repeatLastN = Self.usual.repeatLastN

  @Option(name: .shortAndLong, parsing: .unconditional, help: "The same seed gives the same text.")
  var seed = Self.usual.seed
}
