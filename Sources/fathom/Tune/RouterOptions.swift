import ArgumentParser
import GGUF
import Training

/// How the routers of small feed-forwards come about.
struct RouterOptions: ParsableArguments {
  @Option(
    help:
      "What routers learn from: damage, the cost of each block being small; or task, the model's loss, as in the paper."
  )
  var router = RouterTraining.Method.damage

  @Option(help: "The mean share of big feed-forwards that `task` holds (default: 0.7).")
  var routerShare: Float?

  @Option(parsing: .unconditional, help: "Optimiser steps of `task` (default: 60).")
  var routerSteps: Int?

  @Option(help: "The greatest learning rate of `task` (default: 0.002).")
  var routerRate: Float?

  @Option(
    help:
      "Take the small feed-forwards of this adapter as they are, its --inner, --rank and --type too; only routers are made.",
    completion: .file(extensions: ["gguf"]))
  var from: String?

  @Flag(help: "Begin `task` at the routers of --from, not at ones that say the same of everything.")
  var fromRouters = false

  func validate() throws {
    let isPlain = routerShare == nil && routerSteps == nil && routerRate == nil && !fromRouters
    guard router == .task || isPlain else {
      throw ValidationError(
        "--router-share, --router-steps, --router-rate and --from-routers are for --router task.")
    }
    guard !fromRouters || from != nil else {
      throw ValidationError("--from-routers takes the routers of an adapter. Name it with --from.")
    }
    let settings = settings
    guard settings.share > 0, settings.share < 1, (1...1_000_000).contains(settings.steps),
      settings.rate > 0, settings.rate < 1
    else {
      throw ValidationError(
        "--router-share and --router-rate must be between 0 and 1, --router-steps 1 to 1000000.")
    }
  }

  /// Files that are read.
  var inputs: [String] { from.map { [$0] } ?? [] }

  /// The small feed-forwards that are taken, if there are any.
  func given(for base: TuneBase) throws -> GivenFeedForwards? {
    try from.map { try GivenFeedForwards(GGUFFile(path: $0), base: base) }
  }

  /// What the options come to.
  var settings: RouterTraining {
    var settings = RouterTraining()
    settings.method = router
    settings.share = routerShare ?? settings.share
    settings.steps = routerSteps ?? settings.steps
    settings.rate = routerRate ?? settings.rate
    settings.startsFromFile = fromRouters
    return settings
  }
}

extension RouterTraining.Method: ExpressibleByArgument {}
