import ArgumentParser
import Dials
import Evaluation
import Events
import Foundation
import Inference
import Kernels
import Pruning
import Tokenization
import Transformer

/// `fathom prune-table`: SLEB beside the methods that it has to beat.
struct PruneTableCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prune-table",
    abstract:
      "Compare four ways to choose blocks: perplexities and speed, as a table and a picture.",
    discussion: """
      Searches with SLEB, one shot, ShortGPT and random removal (mean of five), leaves out the first \
      1, 2, 3 ... blocks of each, and measures the perplexity of each --evaluate text over windows, as \
      "fathom eval" does. Searches that were made before are not made again.
      """)

  @OptionGroup var modelOptions: ModelOptions
  @OptionGroup var calibration: CalibrationOptions

  @Option(help: "A text, or JSON Lines of chats, that is evaluated; several are allowed.")
  var evaluate: [String] = []

  @Option(help: "Blocks gone at most.")
  var blocks = 9

  @Option(help: "Windows of each text.")
  var chunks = 20

  @Option(help: "Tokens in a window.")
  var window = 512

  @Option(help: "Write the picture here.")
  var svg: String?

  @Option(name: .shortAndLong, help: "md or json.")
  var output: BenchCommand.Format = .md

  func validate() throws {
    guard !evaluate.isEmpty else { throw ValidationError("Give a text to evaluate: --evaluate.") }
    guard blocks > 0, chunks > 0 else {
      throw ValidationError("--blocks and --chunks must be 1 or more.")
    }
  }

  func run() async throws {
    try await reportingErrors {
      let model = try modelOptions.load()
      let archive = try PruningArchive(model: model)
      let signals = StopSignals {}
      defer { signals.cancel() }
      let sample = try calibration.sample(model: model, archive: archive, signals: signals)
      let texts = try evaluate.map { try windows($0, model: model) }
      let searcher = BlockSearch(
        weights: model.weights, sample: sample, kernels: model.kernels, crew: model.crew)
      let dense = searcher.losses(without: .none)
      var meter = PerplexityMeter(model: model, texts: texts, signals: signals)
      var series: [PruningStudy.Series] = []
      for method in [PruningMethod.sleb, .influence, .oneShot, .random] {
        let seeds = method == .random ? Array(1...5 as ClosedRange<UInt64>) : [calibration.seed]
        let orders = try seeds.map { seed in
          try method == .sleb
            ? slebOrder(searcher, archive: archive, dense: dense, signals: signals)
            : Array(searcher.order(method, seed: seed, dense: dense).prefix(blocks))
        }
        series.append(try meter.series(method, orders: orders))
      }
      let study = PruningStudy(
        model: model.card.file, texts: evaluate.map { URL(filePath: $0).lastPathComponent },
        scoredCounts: texts.map { $0.count * $0.scored.count }, series: series,
        tokensPerSecond: speeds(model, order: series[0].order.map { BlockIndex($0) }))
      try write(study)
    }
  }

  /// The order of the search, which is kept like any other.
  private func slebOrder(
    _ searcher: BlockSearch, archive: PruningArchive, dense: [Double], signals: StopSignals
  ) throws -> [BlockIndex] {
    var manifest = PruningManifest(
      model: archive.model, method: .sleb, seed: calibration.seed, sample: searcher.sample,
      denseLosses: dense)
    let path = archive.path(of: .sleb, seed: calibration.seed)
    manifest.steps = try PruneCommand.earlier(at: path, isNamed: false, for: manifest)?.steps ?? []
    try PruneCommand.search(searcher, count: blocks, into: &manifest, path: path, signals: signals)
    if let number = signals.received { throw ExitCode(128 + number) }
    return manifest.steps.prefix(blocks).map(\.block)
  }

  private func windows(_ path: String, model: LoadedModel) throws -> TextWindows {
    let text = try CalibrationText(
      path: path, tokenizer: model.tokenizer, template: model.template, tokenLimit: window * chunks,
      seed: calibration.seed)
    return try TextWindows(
      text.tokens, length: window, limit: chunks,
      bos: model.tokenizer.addsBOS ? model.tokenizer.bos : nil)
  }

  /// Median tokens written per second with 0, 1, 2 ... blocks of `order` gone; the counts take turns, so
  /// that a drift of the machine meets them all.
  private func speeds(_ model: LoadedModel, order: [BlockIndex]) -> [Double] {
    let benchmarks = (0...order.count).map { count in
      SpeedBenchmark(
        weights: model.weights, capacity: 128, pruned: BlockSet(order.prefix(count)),
        kernels: model.kernels, crew: model.crew)
    }
    let test = SpeedBenchmark.Test(promptCount: 0, generatedCount: 64)
    var rates = benchmarks.map { _ in [Double]() }
    for _ in 0..<5 {
      for (index, benchmark) in benchmarks.enumerated() {
        rates[index] += benchmark.run(test, repetitions: 1).rates
      }
    }
    return rates.map(\.median)
  }

  private func write(_ study: PruningStudy) throws {
    switch output {
    case .md:
      print(study.markdown)
      print(
        "\(study.model); \(Host.processor), speeds with \(modelOptions.threads ?? Host.usualThreads) threads."
      )
    case .json:
      let encoder = JSONEncoder()
      encoder.keyEncodingStrategy = .convertToSnakeCase
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      print(String(decoding: try encoder.encode(study), as: UTF8.self))
    }
    guard let svg else { return }
    do {
      try Data(study.svg.utf8).write(to: URL(filePath: svg), options: .atomic)
    } catch {
      throw PruningError(
        .cannotWrite, place: svg, "the picture cannot be written. \(error.localizedDescription)")
    }
  }
}

/// Perplexities of sets of blocks, each measured once.
private struct PerplexityMeter {
  let model: LoadedModel
  let texts: [TextWindows]
  let signals: StopSignals
  private var known: [BlockSet: [Double]] = [:]
  private let line = ProgressLine()

  init(model: LoadedModel, texts: [TextWindows], signals: StopSignals) {
    self.model = model
    self.texts = texts
    self.signals = signals
  }

  /// The perplexities with 0, 1, 2 ... blocks of each order gone; their mean where there are several
  /// orders (of the losses, so that one bad order does not drown the others).
  mutating func series(
    _ method: PruningMethod, orders: [[BlockIndex]]
  ) throws -> PruningStudy.Series {
    let count = orders.map(\.count).min() ?? 0
    var perplexities = texts.map { _ in [Double]() }
    for gone in 0...count {
      var sums = texts.map { _ in 0.0 }
      for order in orders {
        let losses = try self.losses(BlockSet(order.prefix(gone)))
        for index in texts.indices { sums[index] += losses[index] }
      }
      for index in texts.indices {
        perplexities[index].append(exp(sums[index] / Double(orders.count)))
      }
    }
    line.clear()
    return PruningStudy.Series(
      method: method, order: orders.count == 1 ? orders[0].map(\.rawValue) : [],
      orderCount: orders.count, perplexities: perplexities)
  }

  private mutating func losses(_ blocks: BlockSet) throws -> [Double] {
    if let losses = known[blocks] { return losses }
    line.draw("evaluating without \(blocks)")
    let losses = texts.map { windows in
      let scores = TextEvaluation(
        of: model.weights, on: windows, settings: [DialSettings(pruned: blocks)],
        isCompared: false, kernels: model.kernels, crew: model.crew
      ).run { _ in signals.received == nil }
      return scores[0].loss.mean
    }
    if let number = signals.received { throw ExitCode(128 + number) }
    known[blocks] = losses
    return losses
  }
}
