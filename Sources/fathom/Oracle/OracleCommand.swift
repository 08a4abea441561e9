import ArgumentParser
import Chat
import Dials
import Evaluation
import Foundation
import Inference
import Reports
import Screen
import Tokenization
import Training
import Transformer

/// `fathom oracle`: which feed-forwards a token would have needed.
struct OracleCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "oracle",
    abstract:
      "Measure which feed-forwards tokens would have needed to be big, and what routers get of it.",
    discussion: """
      For tokens of a text many patterns of big and small feed-forwards are tried, and the best at each \
      budget is taken: with the label in view, as Duo-LLM does, and by KL divergence from the whole \
      model. Beside them stand the best fixed pattern (chosen on the first half of the tokens), the mean \
      over patterns by chance, and the routers, all on the second half. What an assistant says is \
      predicted, and all of a plain text.

      groups tries every pattern of groups of blocks. descent and beam look for each token's own \
      patterns, block by block.
      """)

  @OptionGroup(title: "Model and machine") var modelOptions: ModelOptions
  @OptionGroup(title: "Data") var dataOptions: TuneDataOptions

  @Option(parsing: .unconditional, help: "No more than this many tokens, spread over the texts.")
  var tokensLimit = 200

  @Option(
    parsing: .unconditional,
    help:
      "Groups of blocks that are big or small together (default: as many as can be tried; of a search, one a block)."
  )
  var groups: Int?

  @Flag(help: "A group may have no feed-forward at all, too.")
  var skip = false

  @Option(help: "groups, descent or beam.", transform: { try Spelled.value($0, of: "--search") })
  var search: OracleSearch.Method = .groups

  @Option(parsing: .unconditional, help: "Patterns that a beam keeps.")
  var width = 4

  @Option(
    help: "What descent and beam keep patterns by: kl, or loss, which sees the label.",
    transform: { try Spelled.value($0, of: "--criterion") })
  var criterion: OracleSearch.Criterion = .kl

  @Option(
    parsing: .unconditional,
    help: "The share of big feed-forwards within which a token's difficulty is judged.")
  var budget = 0.5

  @Option(
    name: .shortAndLong, parsing: .unconditional,
    help: "The seed of the patterns by chance beside descent and beam.")
  var seed: UInt64 = 0

  @Option(
    name: [.customShort("o"), .customLong("output")],
    help: "Write the curves to this file, .csv or .svg; can be given twice.",
    completion: .file(extensions: ["csv", "svg"]))
  var files: [String] = []

  @Option(
    help: "Write what was found of each token to this file, as CSV.",
    completion: .file(extensions: ["csv"]))
  var tokens: String?

  @OptionGroup var outputs: OutputOptions

  func validate() throws {
    guard tokensLimit >= 2 else { throw ValidationError("--tokens-limit must be 2 or more.") }
    guard (1...256).contains(width) else {
      throw ValidationError("--width must be between 1 and 256.")
    }
    guard budget >= 0, budget <= 1 else {
      throw ValidationError("--budget must be between 0 and 1.")
    }
    for file in files where !file.hasSuffix(".csv") && !file.hasSuffix(".svg") {
      throw ValidationError("\(file): the name of a curve's file ends in .csv or .svg.")
    }
  }

  func run() async throws {
    try await reportingErrors {
      let base = try TuneBase(modelOptions)
      let model = try base.model.adapted(as: modelOptions)
      let inputs = try modelOptions.inputs() + model.files + dataOptions.data
      try outputs.check(reports: files + [tokens], from: inputs)
      let job = try OracleJob(oracleSearch, groupCount: groups, model: model)
      let texts = OracleText.sample(try await texts(base), limit: tokensLimit)
      let signals = StopSignals {}
      defer { signals.cancel() }
      let line = ProgressLine()
      let clock = TimeLeft()
      let result = try job.run(texts) { done, total in
        let left = clock.text(fraction: Double(done) / Double(total))
        line.draw("token \(done)/\(total)  \(left)")
        return signals.received == nil
      }
      line.finish()
      try report(result, model: model, from: inputs)
      if let number = signals.received { throw ExitCode(128 + number) }
    }
  }

  private var oracleSearch: OracleSearch {
    var made = OracleSearch(search)
    made.width = width
    made.criterion = criterion
    made.allowsSkip = skip
    made.seed = seed
    return made
  }

  private func texts(_ base: TuneBase) async throws -> [OracleText] {
    let rows = try await dataOptions.read().rows
    return base.builder(length: dataOptions.length).texts(of: rows).map { text in
      OracleText(tokens: text.tokens, targets: text.targets.flatMap { Array($0) })
    }
  }

  private func report(_ result: OracleResult, model: LoadedModel, from inputs: [String]) throws {
    guard result.tokens.count > 1 else { return }
    let report = OracleReport(result, budget: budget)
    for line in report.lines { try say(line) }
    for file in files {
      try outputs.write(file.hasSuffix(".csv") ? report.csv : report.svg, to: file, from: inputs)
    }
    try outputs.write(report.tokensCSV(model.tokenizer), to: tokens, from: inputs)
  }
}
