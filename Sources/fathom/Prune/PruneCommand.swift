import ArgumentParser
import Dials
import Foundation
import Inference
import Kernels
import Models
import Pruning
import Reports
import Screen
import Tokenization
import Transformer

/// `fathom prune`: which blocks the model can do without.
struct PruneCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prune",
    abstract: "Find the blocks that the model can do without, and in which order.",
    discussion: """
      SLEB: again and again the block goes without which the already pruned model predicts a \
      calibration text best. The result is a manifest; its first blocks can be left out with --blocks \
      in 'fathom chat', 'run' and 'eval', or taken away with 'fathom export'. Each step is kept: what \
      was stopped goes on from there.
      """)

  @Argument(help: "The model, as for -m.", completion: Completions.models)
  var modelName: String?

  @OptionGroup(title: "Model and machine") var modelOptions: ModelOptions
  @OptionGroup(title: "Calibration text") var calibration: CalibrationOptions

  @Option(parsing: .unconditional, help: "How many blocks go (default: a quarter of them).")
  var blocks: Int?

  @Option(
    help: "sleb, one-shot, shortgpt or random.",
    transform: { try Spelled.value($0, of: "--method") })
  var method: PruningMethod = .sleb

  @Flag(help: "Measure every candidate on the whole text; none is given up early.")
  var exhaustive = false

  @Option(
    name: .shortAndLong, help: "Where the manifest goes (default: kept beside the models).",
    completion: .file(extensions: ["json"]))
  var output: String?

  func validate() throws {
    guard blocks ?? 1 > 0 else { throw ValidationError("--blocks must be 1 or more.") }
    if modelName != nil, modelOptions.model != nil || modelOptions.hub.hub != nil {
      throw ValidationError("Name the model once.")
    }
  }

  func run() async throws {
    try await reportingErrors {
      var modelOptions = modelOptions
      modelOptions.model = modelName ?? modelOptions.model
      let model = try modelOptions.load(isRaw: false)
      let archive = try PruningArchive(model: model)
      let signals = StopSignals {}
      defer { signals.cancel() }
      let sample = try await calibration.sample(model: model, archive: archive, signals: signals)
      let search = BlockSearch(model.runtime, sample: sample)
      if exhaustive { (search.abandonMargin, search.abandonErrors) = (nil, nil) }
      let count = blocks ?? max(1, model.blockCount / 4)
      let path = output ?? archive.path(of: method, seed: calibration.seed)
      let manifest = PruningManifest(
        model: archive.model, method: method, seed: calibration.seed, sample: sample,
        denseLosses: search.losses(without: .none))
      var job = try SearchJob(search, manifest: manifest, path: path, isNamed: output != nil)
      try job.run(count: count, observe: PruneDisplay(signals: signals).observer)
      try Self.report(job.manifest, count: count, path: path)
      if let number = signals.received { throw ExitCode(128 + number) }
    }
  }

  private static func report(_ manifest: PruningManifest, count: Int, path: String) throws {
    let removed = manifest.steps.prefix(count)
    for line in manifest.lines(count: count) { try say(line) }
    try say()
    try say(path.visible)
    if removed.count < count {
      printError(
        "fathom: stopped after \(removed.count) of \(count) blocks; the same command goes on from there"
      )
    }
  }
}

/// Words of the command line that stand for a value.
enum Spelled {
  /// The value that `text` spells.
  static func value<Value: RawRepresentable & CaseIterable>(
    _ text: String, of option: String
  ) throws -> Value where Value.RawValue == String {
    if let value = Value(rawValue: text) { return value }
    let words = Value.allCases.map(\.rawValue).joined(separator: ", ")
    throw ValidationError("\(option) is one of \(words).")
  }
}
