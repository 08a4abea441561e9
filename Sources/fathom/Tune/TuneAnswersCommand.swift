import ArgumentParser
import Corpus
import Inference
import Reports
import Screen
import Tokenization
import Training
import Transformer

/// `fathom tune answers`: the model answers prompts, many at a time.
struct TuneAnswersCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "answers",
    abstract: "Have the model answer prompts: text of its own to learn from.",
    discussion: """
      Answers that are in the data are not looked at. The output is JSON Lines with messages, which \
      `tune exits` reads. Prompts that are in the output already are passed over, so a run that was \
      stopped goes on with the same command.
      """)

  @OptionGroup(title: "Model and machine") var modelOptions: ModelOptions
  @OptionGroup(title: "Data") var dataOptions: TuneDataOptions

  @Option(
    name: .shortAndLong, help: "The file that answers are added to.",
    completion: .file(extensions: ["jsonl"]))
  var output: String

  @Option(
    name: [.customShort("n"), .long], parsing: .unconditional,
    help: "The greatest length of an answer, in tokens.")
  var predict = 256

  @Option(
    parsing: .unconditional,
    help: "0 takes the most probable token; else one of the 40 most probable is drawn.")
  var temp: Float = 0

  @Option(parsing: .unconditional, help: "No more than this many prompts.")
  var limit: Int?

  @Option(name: .shortAndLong, parsing: .unconditional, help: "Decides what is drawn.")
  var seed: UInt64 = 0

  func validate() throws {
    guard (1...65536).contains(predict), predict < dataOptions.length else {
      throw ValidationError("--predict must be less than --length.")
    }
    guard (0...10).contains(temp) else { throw ValidationError("--temp must be between 0 and 10.") }
  }

  func run() async throws {
    try await reportingErrors {
      let file = AnswerFile(path: output, inputs: try modelOptions.inputs() + dataOptions.data)
      let done = try await file.prompts
      let prompts = try await dataOptions.read().rows.withDistinctPrompts.map(\.prompt)
      let base = try TuneBase(modelOptions)
      let left = prompts.filter { !done.contains($0) }.prefix(limit ?? .max)
      printError(
        "fathom: \(left.count) prompts to answer, \(prompts.count - left.count) passed over")
      try await cancelledBySignals { try write(Array(left), base: base, to: file) }
    }
  }

  private func write(
    _ prompts: [[ChatMessage]], base: TuneBase, to file: AnswerFile
  ) throws {
    let writer = AnswerWriter(
      room: dataOptions.length, answerLength: predict,
      choose: AnswerSampler(temperature: temp, seed: seed).token)
    let begin = ContinuousClock().now
    let progress = ProgressLine()
    let outcome = try file.add(answersTo: prompts, by: base, with: writer) {
      progress.draw("answers", count: $0, of: prompts.count)
    }
    progress.finish()
    let seconds = (ContinuousClock().now - begin).milliseconds / 1000
    printError(
      "fathom: \(outcome.count) answers, \(outcome.tokenCount.grouped) tokens, "
        + "\((Double(outcome.tokenCount) / seconds).rounded(to: 0)) tokens/s; "
        + "\(prompts.count - outcome.count) prompts were too long or not reached")
    if let failure = outcome.failure { throw failure }
    try Task.checkCancellation()
  }
}
