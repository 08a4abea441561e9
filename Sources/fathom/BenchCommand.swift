import ArgumentParser
import Dials
import Evaluation
import Events
import Foundation
import Inference
import Kernels
import Techniques
import Tokenization
import Transformer

/// `fathom bench`: prompt and generation speed, in the rows and names of llama-bench.
struct BenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure how fast the model reads a prompt and writes an answer.",
    discussion: """
      As llama-bench: -p tokens are read, -n tokens are written, each test once to warm up and -r \
      times for the figure. The table shows median and spread; below it stand loading, memory and \
      what passes of several rows cost. -o json prints the rows of llama-bench, with every sample; \
      --json and --markdown write the whole report to files.
      """)

  /// How the result is printed.
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case md
    case json
  }

  @OptionGroup var modelOptions: ModelOptions
  @OptionGroup var spec: SpecBenchOptions
  @OptionGroup var instruct: InstructBenchOptions

  @Option(name: [.customShort("p"), .long], help: "Prompt tokens; a list such as 128,512.")
  var nPrompt = "512"

  @Option(name: [.customShort("n"), .long], help: "Generated tokens; a list.")
  var nGen = "128"

  @Option(name: [.customShort("d"), .long], help: "Positions in the cache beforehand; a list.")
  var nDepth = "0"

  @Option(help: "Read and write with a window: \(ReachSetting.notation).")
  var window = "off"

  @Option(name: [.short, .long], help: "Counted repetitions of each test.")
  var repetitions = 5

  @Option(name: [.short, .long], help: "md or json.")
  var output: Format = .md

  @Option(help: "Also write the whole report to this file as JSON.")
  var json: String?

  @Option(help: "Also write the whole report to this file as Markdown.")
  var markdown: String?

  func validate() throws {
    for (name, text) in [("-p", nPrompt), ("-n", nGen), ("-d", nDepth)] {
      guard let values = Self.numbers(text), values.allSatisfy({ (0...1_000_000).contains($0) })
      else { throw ValidationError("\(name) takes whole numbers with commas, such as 128,512.") }
    }
    guard (1...1000).contains(repetitions) else {
      throw ValidationError("--repetitions must be between 1 and 1000.")
    }
    do { _ = try ReachSetting.parse(window) } catch { throw ValidationError("--window \(error)") }
    if tests.isEmpty { throw ValidationError("There is nothing to measure: -p and -n are 0.") }
  }

  private static func numbers(_ text: String) -> [Int]? {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    return parts.contains(nil) ? nil : parts.compactMap { $0 }
  }

  func run() async throws {
    try await reportingErrors {
      if spec.isAsked { return try await measureDrafts() }
      if let path = instruct.path { return try await measureExits(on: path) }
      let model = try modelOptions.load()
      let reach = try ReachSetting.parse(window)
      try model.check(DialSettings(reach: reach))
      let firstToken = await Self.millisecondsToFirstToken(of: model)
      let report = measure(model, reach: reach, firstToken: firstToken)
      switch output {
      case .md: print(report.markdown, terminator: "")
      case .json: print(try ReportJSON.text(of: report.tests))
      }
      if let json { try OutputFile.write(try ReportJSON.text(of: report) + "\n", to: json) }
      if let markdown { try OutputFile.write(report.markdown, to: markdown) }
    }
  }

  /// Drafts on the questions of Spec-Bench or made-up prompts, with at most -n new tokens an answer.
  private func measureDrafts() async throws {
    let report = try await spec.report(
      model: try modelOptions.load(),
      tokenLimit: max(2, Self.numbers(nGen)?.first ?? 128),
      contextLength: modelOptions.contextSize)
    try publish(report, markdown: report.markdown, csv: report.csv)
  }

  /// Early exits on LITE's instruction sets, with at most -n new tokens an answer.
  private func measureExits(on path: String) async throws {
    let report = try await instruct.report(
      on: path, options: modelOptions, sample: spec.sample,
      tokenLimit: max(2, Self.numbers(nGen)?.first ?? 128))
    try publish(report, markdown: report.markdown, csv: report.csv)
  }

  /// Prints a report on answers and writes the files that were asked for.
  private func publish(_ report: some Encodable, markdown text: String, csv: String) throws {
    switch output {
    case .md: print(text)
    case .json: print(try ReportJSON.text(of: report))
    }
    if let json { try OutputFile.write(try ReportJSON.text(of: report) + "\n", to: json) }
    if let markdown { try OutputFile.write(text + "\n", to: markdown) }
    if let file = spec.csv { try OutputFile.write(csv + "\n", to: file) }
  }

  /// The time from the loaded model to the first token of an answer to a short message.
  private static func millisecondsToFirstToken(of model: LoadedModel) async -> Double {
    let clock = ContinuousClock()
    let begin = clock.now
    var conversation = Conversation(template: model.template)
    conversation.say(.user, "Hello")
    let engine = Engine(model: model)
    let request = TurnRequest(
      turn: 1, prompt: conversation.prompt(tokenizer: model.tokenizer), tokenLimit: 1)
    for await record in engine.records(for: request) {
      if case .token = record { break }
    }
    return (clock.now - begin).milliseconds
  }

  private func measure(
    _ model: LoadedModel, reach: ReachSetting, firstToken: Double
  ) -> BenchReport {
    let longest = tests.map { $0.depth + $0.promptCount + $0.generatedCount }.max() ?? 0
    let benchmark = SpeedBenchmark(
      model.runtime, capacity: longest + 64, reach: reach)
    let rows = tests.map { BenchRow(benchmark.run($0, repetitions: repetitions), model: model) }
    let cache = tests.map { benchmark.cacheBytes(after: $0) }.max() ?? 0
    let memory = ResidentMemory.ofThisProcess()
    let quick = benchmark.quickRowCosts()
    let table = benchmark.rowCosts(repetitions: repetitions)
    let deeper = (Self.numbers(nDepth) ?? []).filter { $0 > 0 }.map {
      BenchReport.RowCosts.Deeper(
        depth: $0, costs: benchmark.rowCosts(repetitions: repetitions, depth: $0).costs)
    }
    return BenchReport(
      model: model, repetitions: repetitions, tests: rows,
      load: BenchReport.Load(model.load, firstToken: firstToken),
      memory: memory.map {
        .init($0, weightBytes: model.weights.storedByteCount, cacheBytes: cache)
      },
      rowCosts: .init(
        table, deeper: deeper, quick: quick.table, quickMs: quick.milliseconds))
  }

  /// Prompt and generation tests at each depth.
  private var tests: [SpeedBenchmark.Test] {
    (Self.numbers(nDepth) ?? []).flatMap { depth in
      (Self.numbers(nPrompt) ?? []).filter { $0 > 0 }.map {
        SpeedBenchmark.Test(promptCount: $0, generatedCount: 0, depth: depth)
      }
        + (Self.numbers(nGen) ?? []).filter { $0 > 0 }.map {
          SpeedBenchmark.Test(promptCount: 0, generatedCount: $0, depth: depth)
        }
    }
  }
}
