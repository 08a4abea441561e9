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

  @Option(
    help: ArgumentHelp(
      "Repair the model without the blocks that go, on the calibration text: \(Self.repairs). Nothing is "
        + "trained.", valueName: "how"),
    transform: { try Spelled.value($0, of: "--repair") })
  var repair: RepairMethod?

  @Option(
    name: .customLong("prune-blocks"),
    help: "Repair the model without these blocks, 0-based, such as 10,20-22; nothing is searched.")
  var named: String?

  @Flag(help: "Measure every candidate on the whole text; none is given up early.")
  var exhaustive = false

  @Option(
    name: .shortAndLong, help: "Where the manifest goes (default: kept beside the models).",
    completion: .file(extensions: ["json"]))
  var output: String?

  private static let repairs = RepairMethod.allCases.map(\.rawValue).joined(separator: ", ")

  func validate() throws {
    guard named == nil || repair != nil else {
      throw ValidationError(
        "--prune-blocks says what --repair repairs; without that there is nothing to do.")
    }
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
      if let named, let repair {
        let removed = try BlockSet.parse(named, blockCount: model.blockCount)
        _ = try self.repair(removed, of: model, archive, by: repair, on: sample, signals)
        return try say(archive.path(ofRepair: repair, without: removed).visible)
      }
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
      if let repair {
        let removed = try job.manifest.blocks(min(count, job.manifest.steps.count))
        var manifest = job.manifest
        manifest.note(
          try self.repair(removed, of: model, archive, by: repair, on: sample, signals))
        try manifest.write(to: path)
      }
    }
  }

  /// Repairs the model without `removed`, or finds that it was done on the same text, and says what became
  /// of the text's losses.
  private func repair(
    _ removed: BlockSet, of model: LoadedModel, _ archive: PruningArchive,
    by method: RepairMethod, on sample: CalibrationSample, _ signals: StopSignals
  ) throws -> PruningRepair {
    let (line, clock) = (ProgressLine(), TimeLeft())
    defer { line.clear() }
    let job = RepairJob(model: model, archive: archive)
    let repaired = try signals.stopping {
      try job.made(method, without: removed, on: sample) {
        line.draw("repairing without \(removed)  \(clock.text(fraction: $0))")
        return signals.received == nil
      }
    }
    let losses = [model, repaired].map {
      BlockSearch($0.runtime, sample: sample).losses(without: removed).reduce(0, +)
    }
    line.clear()
    let words = losses.map { exp($0 / Double(sample.scoredCount)).rounded(to: 3) }
    printError(
      "\(method.rawValue), without \(removed): \(words[0]) -> \(words[1]) on the same text")
    return try job.entry(method, without: removed)
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
