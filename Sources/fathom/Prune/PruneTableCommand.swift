import ArgumentParser
import Corpus
import Dials
import Evaluation
import Events
import Foundation
import Inference
import Kernels
import Pruning
import Reports
import Screen
import Tokenization

/// `fathom prune-table`: SLEB beside the methods that it has to beat.
struct PruneTableCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prune-table",
    abstract:
      "Compare four ways to choose blocks: perplexities and speed, as a table and a picture.",
    discussion: """
      Searches with SLEB, one shot, ShortGPT and random removal (mean of five), leaves out the first \
      1, 2, 3 ... blocks of each, and measures the perplexity of each --evaluate text over windows, as \
      "fathom eval" does, and how fast the model writes. Everything but the speeds is kept beside the \
      models as it is measured: what was stopped goes on from there, and the same command with other \
      texts or more windows measures only what is new.
      """)

  /// The form of the result.
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case md
    case csv
    case json
  }

  @OptionGroup(title: "Model and machine") var modelOptions: ModelOptions
  @OptionGroup(title: "Calibration text") var calibration: CalibrationOptions

  @Option(
    help: "A text, or JSON Lines of chats, that is evaluated; several are allowed.",
    completion: .file())
  var evaluate: [String] = []

  @Option(parsing: .unconditional, help: "Blocks gone at most.")
  var blocks = 9

  @Option(parsing: .unconditional, help: "Windows of each text.")
  var chunks = 20

  @Option(parsing: .unconditional, help: "Tokens in a window.")
  var window = 512

  @Option(parsing: .unconditional, help: "Turns in which speeds are measured; 0 leaves them out.")
  var turns = 15

  @Option(help: "Write the picture here.", completion: .file(extensions: ["svg"]))
  var svg: String?

  @Option(name: .shortAndLong, help: "md, csv or json.")
  var output: Format = .md

  @OptionGroup var outputs: OutputOptions

  func validate() throws {
    guard !evaluate.isEmpty else { throw ValidationError("Give a text to evaluate: --evaluate.") }
    guard blocks > 0, chunks > 0 else {
      throw ValidationError("--blocks and --chunks must be 1 or more.")
    }
    guard turns >= 0 else { throw ValidationError("--turns must be 0 or more.") }
  }

  func run() async throws {
    try await reportingErrors {
      try outputs.check(reports: [svg], from: inputs())
      let model = try modelOptions.load(isRaw: false)
      let archive = try PruningArchive(model: model)
      let signals = StopSignals {}
      defer { signals.cancel() }
      let sample = try await calibration.sample(model: model, archive: archive, signals: signals)
      var texts: [(name: String, windows: TextWindows)] = []
      for path in evaluate {
        texts.append((URL(filePath: path).lastPathComponent, try await windows(path, model: model)))
      }
      var job = PruneTableJob(
        model: model, archive: archive, observe: PruneDisplay(signals: signals).observer)
      let study = try signals.stopping {
        try job.study(
          texts, count: blocks, sample: sample, seed: calibration.seed, turns: turns)
      }
      try write(study, threads: model.pool.count)
    }
  }

  private func inputs() throws -> [String] {
    try modelOptions.inputs() + evaluate + calibration.files
  }

  private func windows(_ path: String, model: LoadedModel) async throws -> TextWindows {
    let text = try await CalibrationText(
      path: path, tokenizer: model.tokenizer, template: model.template,
      tokenLimit: window * chunks, seed: calibration.seed)
    return try TextWindows(
      text.tokens, length: window, limit: chunks,
      bos: model.tokenizer.addsBOS ? model.tokenizer.bos : nil)
  }

  private func write(_ study: PruningStudy, threads: Int) throws {
    switch output {
    case .md:
      try say(study.markdown)
      try say("\(study.model). ± is one standard error: over windows, for random over the orders.")
      if !study.speeds.isEmpty {
        try say(
          "Speed-up: tokens written one at a time, against the whole model in the same turn, median "
            + "of \(turns) turns; \(Host.processor), \(threads) threads.")
      }
    case .csv: try say(study.csv)
    case .json: try say(ReportJSON.text(of: study))
    }
    try outputs.write(study.svg, to: svg, from: inputs())
  }
}
