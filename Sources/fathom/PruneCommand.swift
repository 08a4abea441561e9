import ArgumentParser
import Dials
import Foundation
import Inference
import Kernels
import Models
import Pruning
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

  @Argument(help: "The model, as for -m.")
  var modelName: String?

  @OptionGroup var modelOptions: ModelOptions
  @OptionGroup var calibration: CalibrationOptions

  @Option(help: "How many blocks go (default: a quarter of them).")
  var blocks: Int?

  @Option(
    help: "sleb, one-shot, shortgpt or random.",
    transform: { try Spelled.value($0, of: "--method") })
  var method: PruningMethod = .sleb

  @Flag(help: "Measure every candidate on the whole text; none is given up early.")
  var exhaustive = false

  @Option(name: .shortAndLong, help: "Where the manifest goes (default: kept beside the models).")
  var output: String?

  func validate() throws {
    guard blocks ?? 1 > 0 else { throw ValidationError("--blocks must be 1 or more.") }
    if modelName != nil, modelOptions.model != nil {
      throw ValidationError("Name the model once.")
    }
  }

  func run() async throws {
    try await reportingErrors {
      var modelOptions = modelOptions
      modelOptions.model = modelName ?? modelOptions.model
      let model = try modelOptions.load()
      let archive = try PruningArchive(model: model)
      let signals = StopSignals {}
      defer { signals.cancel() }
      let sample = try await calibration.sample(model: model, archive: archive, signals: signals)
      let search = BlockSearch(model.runtime, sample: sample)
      if exhaustive { (search.abandonMargin, search.abandonErrors) = (nil, nil) }
      let count = blocks ?? max(1, model.blockCount / 4)
      let path = output ?? archive.path(of: method, seed: calibration.seed)
      var manifest = PruningManifest(
        model: archive.model, method: method, seed: calibration.seed, sample: sample,
        denseLosses: search.losses(without: .none))
      if let earlier = try Self.earlier(at: path, isNamed: output != nil, for: manifest) {
        manifest.steps = earlier.steps
      }
      try Self.search(search, count: count, into: &manifest, path: path, signals: signals)
      Self.report(manifest, count: count, path: path)
      if let number = signals.received { throw ExitCode(128 + number) }
    }
  }

  /// The manifest that the search goes on from. A file that somebody named is never overwritten by
  /// another search.
  static func earlier(
    at path: String, isNamed: Bool, for manifest: PruningManifest
  ) throws -> PruningManifest? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    if !isNamed, (try? PruningManifest(path: path)) == nil { return nil }
    let earlier = try PruningManifest(path: path)
    if earlier.continues(manifest) { return earlier }
    guard isNamed else { return nil }
    throw PruningError(
      .otherModel, place: path,
      "this manifest comes from another search (model, method, text or seed). Give another file with "
        + "-o, or remove this one.")
  }

  /// Searches and shows how it goes; every step is written down at once.
  static func search(
    _ search: BlockSearch, count: Int, into manifest: inout PruningManifest, path: String,
    signals: StopSignals
  ) throws {
    let map = SearchMap(manifest: manifest)
    let line = ProgressLine()
    for text in map.head(method: manifest.method) { printError(text) }
    for index in manifest.steps.indices { printError(map.row(manifest.steps, index)) }
    let clock = TimeLeft()
    var kept = manifest
    let steps = try search.run(
      manifest.method, count: count, seed: manifest.seed, dense: manifest.denseLosses,
      from: manifest.steps,
      made: { step in
        kept.steps.append(step)
        try kept.write(to: path)
        line.clear()
        printError(map.row(kept.steps, kept.steps.count - 1))
      },
      progress: { progress in
        line.draw(map.row(progress) + "  " + clock.text(fraction: progress.fraction))
        return signals.received == nil
      })
    line.clear()
    manifest.steps = steps
    try manifest.write(to: path)
  }

  private static func report(_ manifest: PruningManifest, count: Int, path: String) {
    let removed = manifest.steps.prefix(count)
    var rows = [["0", "-", manifest.densePerplexity.rounded(to: 3)]]
    rows += removed.enumerated().map { index, step in
      ["\(index + 1)", "\(step.block.rawValue)", step.perplexity.rounded(to: 3)]
    }
    for line in Table(header: ["GONE", "BLOCK", "PPL"], rows: rows).lines { print(line) }
    print("")
    print(path.visible)
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
