import ArgumentParser
import Corpus
import Dials
import Evaluation
import Files
import Inference
import Kernels
import Reports
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

  @OptionGroup(title: "Model and machine") var modelOptions: ModelOptions
  @OptionGroup(title: "Drafts on questions") var spec: SpecBenchOptions
  @OptionGroup(title: "Exits on instruction sets") var instruct: InstructBenchOptions
  @OptionGroup var outputs: OutputOptions

  @Option(
    name: [.customShort("p"), .long], parsing: .unconditional,
    help: "Prompt tokens; a list such as 128,512.")
  var nPrompt = "512"

  @Option(
    name: [.customShort("n"), .long], parsing: .unconditional, help: "Generated tokens; a list.")
  var nGen = "128"

  @Option(
    name: [.customShort("d"), .long], parsing: .unconditional,
    help: "Positions in the cache beforehand; a list.")
  var nDepth = "0"

  @Option(parsing: .unconditional, help: "Read and write with a window: \(ReachSetting.notation).")
  var window = "off"

  @Option(
    name: [.short, .long], parsing: .unconditional, help: "Counted repetitions of each test.")
  var repetitions = 5

  @Option(name: [.short, .long], help: "md or json.")
  var output: Format = .md

  @Option(
    help: "Also write the whole report to this file as JSON.",
    completion: .file(extensions: ["json"]))
  var json: String?

  @Option(
    help: "Also write the whole report to this file as Markdown.",
    completion: .file(extensions: ["md"]))
  var markdown: String?

  func validate() throws {
    for (name, text) in [("-p", nPrompt), ("-n", nGen), ("-d", nDepth)] {
      guard Self.numbers(text) != nil else {
        throw ValidationError("\(name) takes whole numbers with commas, such as 128,512.")
      }
    }
    guard (1...1000).contains(repetitions) else {
      throw ValidationError("--repetitions must be between 1 and 1000.")
    }
    do { _ = try ReachSetting.parse(window) } catch { throw ValidationError("--window \(error)") }
    if job().tests.isEmpty {
      throw ValidationError("There is nothing to measure: -p and -n are 0.")
    }
  }

  private static func numbers(_ text: String) -> [Int]? {
    NumberList.parse(text, in: 0...1_000_000)
  }

  func run() async throws {
    try await reportingErrors {
      let inputs = try inputs()
      try outputs.check(reports: [json, markdown, spec.csv], from: inputs)
      if spec.isAsked { return try await measureDrafts(inputs) }
      if let path = instruct.path { return try await measureExits(on: path, inputs) }
      let model = try modelOptions.load(isRaw: true)
      let reach = try ReachSetting.parse(window)
      try model.check(DialSettings(reach: reach))
      let report = await job(reach).run(model, version: Fathom.release)
      switch output {
      case .md: try StandardStreams.write(report.markdown)
      case .json: try say(ReportJSON.text(of: report.tests))
      }
      try outputs.write(ReportJSON.text(of: report) + "\n", to: json, from: inputs)
      try outputs.write(report.markdown, to: markdown, from: inputs)
    }
  }

  /// The files that are read.
  private func inputs() throws -> [String] {
    let questions = spec.path.map { [$0, SpecBench.file(in: $0)] } ?? []
    return try modelOptions.inputs() + questions + [instruct.certificate].compactMap { $0 }
  }

  /// Drafts on the questions of Spec-Bench or made-up prompts, with at most -n new tokens an answer.
  private func measureDrafts(_ inputs: [String]) async throws {
    let report = try await spec.report(
      model: try modelOptions.load(isRaw: false),
      tokenLimit: max(2, Self.numbers(nGen)?.first ?? 128),
      contextLength: modelOptions.contextSize, inputs: inputs)
    try publish(report, markdown: report.markdown, csv: report.csv, inputs)
  }

  /// Early exits on LITE's instruction sets, with at most -n new tokens an answer.
  private func measureExits(on path: String, _ inputs: [String]) async throws {
    let report = try await instruct.report(
      on: path, options: modelOptions, sample: spec.sample,
      tokenLimit: max(2, Self.numbers(nGen)?.first ?? 128))
    try publish(report, markdown: report.markdown, csv: report.csv, inputs)
  }

  /// Prints a report on answers and writes the files that were asked for.
  private func publish(
    _ report: some Encodable, markdown text: String, csv: String, _ inputs: [String]
  ) throws {
    switch output {
    case .md: try say(text)
    case .json: try say(ReportJSON.text(of: report))
    }
    try outputs.write(ReportJSON.text(of: report) + "\n", to: json, from: inputs)
    try outputs.write(text + "\n", to: markdown, from: inputs)
    try outputs.write(csv + "\n", to: spec.csv, from: inputs)
  }

  private func job(_ reach: ReachSetting = .full) -> BenchJob {
    BenchJob(
      promptCounts: Self.numbers(nPrompt) ?? [], generatedCounts: Self.numbers(nGen) ?? [],
      depths: Self.numbers(nDepth) ?? [], reach: reach, repetitions: repetitions)
  }
}
