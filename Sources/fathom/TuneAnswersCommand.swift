import ArgumentParser
import Dials
import Foundation
import Inference
import Tokenization
import Training

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

  @OptionGroup var modelOptions: ModelOptions
  @OptionGroup var dataOptions: TuneDataOptions

  @Option(name: .shortAndLong, help: "The file that answers are added to.")
  var output: String

  @Option(name: [.customShort("n"), .long], help: "The greatest length of an answer, in tokens.")
  var predict = 256

  @Option(help: "0 takes the most probable token; else one of the 40 most probable is drawn.")
  var temp: Float = 0

  @Option(help: "No more than this many prompts.")
  var limit: Int?

  @Option(name: .shortAndLong, help: "Decides what is drawn.")
  var seed: UInt64 = 0

  func validate() throws {
    guard (1...65536).contains(predict), predict < dataOptions.length else {
      throw ValidationError("--predict must be less than --length.")
    }
    guard (0...10).contains(temp) else { throw ValidationError("--temp must be between 0 and 10.") }
  }

  func run() async throws {
    try await reportingErrors {
      let prompts = try await prompts()
      let base = try TuneBase(modelOptions)
      let done = try await answered()
      let left = prompts.filter { !done.contains($0) }.prefix(limit ?? .max)
      printError(
        "fathom: \(left.count) prompts to answer, \(prompts.count - left.count) passed over")
      try await cancelledBySignals { try write(Array(left), base: base) }
    }
  }

  /// The prompts of the data, each once, in the order of the files.
  private func prompts() async throws -> [[ChatMessage]] {
    var seen: Set<[ChatMessage]> = []
    return try await dataOptions.rows().map(\.prompt).filter {
      !$0.isEmpty && seen.insert($0).inserted
    }
  }

  /// The prompts that the output holds.
  private func answered() async throws -> Set<[ChatMessage]> {
    guard let size = try? FileManager.default.attributesOfItem(atPath: output)[.size] as? Int,
      size > 0
    else { return [] }
    return Set(try await DataFile(path: output).rows.map(\.prompt))
  }

  private func write(_ prompts: [[ChatMessage]], base: TuneBase) throws {
    let model = base.model
    if !FileManager.default.fileExists(atPath: output) {
      _ = FileManager.default.createFile(atPath: output, contents: nil)
    }
    guard let file = FileHandle(forWritingAtPath: output) else {
      throw TrainingError(
        .cannotWrite, at: output, "it cannot be written. Check the folder and its permissions.")
    }
    defer { try? file.close() }
    try file.seekToEnd()
    let tokens = prompts.map {
      model.tokenizer.encode(chat: $0, template: model.template, addGenerationPrompt: true)
    }
    let writer = AnswerWriter(
      room: dataOptions.length, answerLength: predict, temperature: temp, seed: seed)
    let begin = ContinuousClock().now
    let progress = ProgressLine()
    var (count, tokenCount) = (0, 0)
    var failure: (any Error)?
    writer.answer(
      tokens, ends: model.tokenizer.endOfTurn, runtime: model.runtime
    ) { answer in
      count += 1
      tokenCount += answer.tokens.count
      let text = model.tokenizer.decode(answer.tokens)
      do { try file.write(contentsOf: Self.line(prompts[answer.index], answer: text)) } catch {
        failure = TrainingError(
          .cannotWrite, at: output, "writing failed: \(error.localizedDescription)")
      }
      progress.draw("answers", count: count, of: prompts.count)
      return failure == nil && !Task.isCancelled
    }
    progress.finish()
    let seconds = (ContinuousClock().now - begin).milliseconds / 1000
    printError(
      "fathom: \(count) answers, \(tokenCount.grouped) tokens, "
        + "\((Double(tokenCount) / seconds).rounded(to: 0)) tokens/s; "
        + "\(prompts.count - count) prompts were too long or not reached")
    if let failure { throw failure }
    try Task.checkCancellation()
  }

  private static func line(_ prompt: [ChatMessage], answer: String) throws -> Data {
    struct Row: Encodable { var messages: [ChatMessage] }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(Row(messages: prompt + [ChatMessage(.assistant, answer)]))
      + Data("\n".utf8)
  }
}

extension ProgressLine {
  /// Draws label, bar and share of things that are counted.
  func draw(_ label: String, count: Int, of total: Int) {
    draw("\(label) (\(count)/\(total))", bytes: count, of: total)
  }
}
