import ArgumentParser
import Evaluation
import Events
import Foundation
import Inference
import Kernels
import Transformer

/// `fathom bench`: prompt and generation speed, in the rows and names of llama-bench.
struct BenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure how fast the model reads a prompt and writes an answer.",
    discussion: """
      As llama-bench: -p tokens are read, -n tokens are written, each test once to warm up and -r \
      times for the figure. The table shows median and spread; JSON adds every sample.
      """)

  /// How the result is printed.
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case md
    case json
  }

  @OptionGroup var modelOptions: ModelOptions
  @OptionGroup var spec: SpecBenchOptions

  @Option(name: [.customShort("p"), .long], help: "Prompt tokens; a list such as 128,512.")
  var nPrompt = "512"

  @Option(name: [.customShort("n"), .long], help: "Generated tokens; a list.")
  var nGen = "128"

  @Option(name: [.customShort("d"), .long], help: "Positions in the cache beforehand; a list.")
  var nDepth = "0"

  @Option(name: [.short, .long], help: "Counted repetitions of each test.")
  var repetitions = 5

  @Option(name: [.short, .long], help: "md or json.")
  var output: Format = .md

  func validate() throws {
    for (name, text) in [("-p", nPrompt), ("-n", nGen), ("-d", nDepth)] {
      guard let values = Self.numbers(text), values.allSatisfy({ (0...1_000_000).contains($0) })
      else { throw ValidationError("\(name) takes whole numbers with commas, such as 128,512.") }
    }
    guard (1...1000).contains(repetitions) else {
      throw ValidationError("--repetitions must be between 1 and 1000.")
    }
  }

  private static func numbers(_ text: String) -> [Int]? {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    return parts.contains(nil) ? nil : parts.compactMap { $0 }
  }

  func run() async throws {
    try await reportingErrors {
      if let path = spec.path { return try await measureDrafts(on: path) }
      let begin = ContinuousClock().now
      let model = try modelOptions.load()
      let loading = (ContinuousClock().now - begin).milliseconds
      let tests = tests
      guard let longest = tests.map({ $0.depth + $0.promptCount + $0.generatedCount }).max()
      else {
        throw ValidationError("There is nothing to measure: -p and -n are 0.")
      }
      let benchmark = SpeedBenchmark(
        weights: model.weights, capacity: longest + 64, kernels: model.kernels, crew: model.crew)
      var rows: [BenchRow] = []
      for test in tests {
        rows.append(BenchRow(benchmark.run(test, repetitions: repetitions), model: model))
      }
      switch output {
      case .md:
        printTable(rows, model: model, loading: loading)
        printCosts(benchmark.rowCosts(repetitions: repetitions))
      case .json: try printJSON(rows)
      }
    }
  }

  /// Drafts on the questions of Spec-Bench, with at most -n new tokens an answer.
  private func measureDrafts(on path: String) async throws {
    let report = try await spec.report(
      on: path, model: try modelOptions.load(),
      tokenLimit: max(2, Self.numbers(nGen)?.first ?? 128),
      contextLength: modelOptions.contextSize)
    switch output {
    case .md: print(report.markdown)
    case .json: print(try report.json())
    }
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

  private func printTable(_ rows: [BenchRow], model: LoadedModel, loading: Double) {
    print("| model | size | params | threads | simd | test | t/s (median) | min … max |")
    print("| --- | ---: | ---: | ---: | --- | ---: | ---: | ---: |")
    for row in rows {
      let rates = row.samplesTs.sorted()
      print(
        "| \(row.modelType.visible) | \((row.modelSize).megabytes) | \(row.modelNParams.grouped) "
          + "| \(row.nThreads) | \(row.simd) | \(row.test) | \(row.medianTs.rounded(to: 2)) "
          + "| \((rates.first ?? 0).rounded(to: 2)) … \((rates.last ?? 0).rounded(to: 2)) |")
    }
    print("")
    print(
      "\(Host.processor), \(model.crew.count) threads; \(repetitions) repetitions after one warm-up."
    )
    print("Weights were repacked in \(loading.rounded(to: 0)) ms, file included.")
  }

  /// What a pass of several rows costs: what drafting has to beat.
  private func printCosts(_ table: CostTable) {
    let costs = zip(CostTable.measuredCounts, table.costs).map { count, cost in
      "\(count): \(cost.rounded(to: 2))"
    }
    print("A pass of n rows, in passes of one row: " + costs.joined(separator: ", ") + ".")
  }

  private func printJSON(_ rows: [BenchRow]) throws {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    print(String(decoding: try encoder.encode(rows), as: UTF8.self))
  }
}

/// One row of the result; names as in llama-bench, with the median and the kernels added.
struct BenchRow: Codable {
  var buildCommit: String
  var cpuInfo: String
  var modelFilename: String
  var modelType: String
  var modelSize: Int
  var modelNParams: Int
  var nThreads: Int
  var simd: String
  var nPrompt: Int
  var nGen: Int
  var nDepth: Int
  var test: String
  var testTime: String
  var avgNs: Double
  var stddevNs: Double
  var avgTs: Double
  var stddevTs: Double
  var medianTs: Double
  var samplesNs: [Double]
  var samplesTs: [Double]

  /// The row of a result.
  init(_ result: SpeedBenchmark.Result, model: LoadedModel) {
    buildCommit = Fathom.release
    cpuInfo = Host.processor
    modelFilename = model.card.file
    modelType = "\(model.card.arch) \(model.card.fileType)"
    modelSize = model.card.sizeBytes
    modelNParams = model.card.nParams
    nThreads = model.crew.count
    simd = model.kernels.description
    nPrompt = result.test.promptCount
    nGen = result.test.generatedCount
    nDepth = result.test.depth
    test = result.test.name
    testTime = Date().formatted(.iso8601)
    samplesNs = result.samples
    samplesTs = result.rates
    avgNs = samplesNs.mean
    stddevNs = samplesNs.standardDeviation
    avgTs = samplesTs.mean
    stddevTs = samplesTs.standardDeviation
    medianTs = samplesTs.median
  }
}

extension [Double] {
  var mean: Double { isEmpty ? 0 : reduce(0, +) / Double(count) }

  /// The sample standard deviation; 0 for fewer than two values.
  var standardDeviation: Double {
    guard count > 1 else { return 0 }
    let mean = mean
    return (reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count - 1)).squareRoot()
  }

  var median: Double {
    let sorted = sorted()
    if isEmpty { return 0 }
    return count % 2 == 1
      ? sorted[count / 2] : (sorted[count / 2 - 1] + sorted[count / 2]) / 2
  }
}

extension Double {
  /// The number with this many digits after the point.
  func rounded(to digits: Int) -> String { String(format: "%.\(digits)f", self) }
}
