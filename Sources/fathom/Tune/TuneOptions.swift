import ArgumentParser

/// What differs between the trainers in the options that they share.
protocol TuneDefaults {
  static var steps: Int { get }
  static var rate: Float { get }
  /// The name of the file that is written.
  static var output: String { get }
}

/// How a training runs and what becomes of it, whatever is trained.
struct TuneOptions<Defaults: TuneDefaults>: ParsableArguments {
  @Option(help: "Optimiser steps.")
  var steps = Defaults.steps

  @Option(help: "The greatest learning rate.")
  var rate = Defaults.rate

  @Option(name: .shortAndLong, help: "Decides first values, order and draws.")
  var seed: UInt64 = 0

  @Option(help: "The folder of cache and checkpoint (default: in the state folder).")
  var work: String?

  @Option(name: .shortAndLong, help: "The adapter that is written.")
  var output = Defaults.output

  @Option(help: "The adapter's licence, as an SPDX expression.")
  var license = ""

  @Option(help: "The data's licence in words.")
  var dataNote = ""

  @Flag(help: "Say what it would take, and stop.")
  var estimate = false

  @Flag(help: "No plots, a line now and then.")
  var plain = false

  func validate() throws {
    guard (1...10_000_000).contains(steps), rate > 0, rate < 1 else {
      throw ValidationError(
        "--steps must be between 1 and 10000000, and --rate between 0 and 1.")
    }
  }
}
