import ArgumentParser
import Dials
import Evaluation
import Events
import Foundation
import Inference

/// `fathom bench --spec`: what drafts are worth on the questions of Spec-Bench.
struct SpecBenchOptions: ParsableArguments {
  @Option(
    name: .customLong("spec"),
    help: "Instead: answer the questions of Spec-Bench in this folder plainly and with drafts.")
  var path: String?

  @Option(help: "With --spec or --instruct: only so many questions of each task or set.")
  var sample: Int?

  @Option(help: "With --spec: who drafts: \(DraftSetting.notation).")
  var draft = "auto"

  @Option(
    name: [.customLong("temp"), .customLong("temperature")],
    help: "With --spec: the temperature; 0 always takes the most probable token.")
  var temperature: Float = 0

  @Option(help: "With --spec or --instruct: also write one line an answer to this file.")
  var csv: String?

  func validate() throws {
    if let sample, sample < 1 { throw ValidationError("--sample must be 1 or more.") }
    guard temperature >= 0, temperature.isFinite else {
      throw ValidationError("--temp must be 0 or more.")
    }
    do { _ = try DraftSetting.parse(draft) } catch { throw ValidationError("--draft \(error)") }
  }

  /// Answers the questions and returns the report; how far it is goes to the error output.
  func report(
    on path: String, model: LoadedModel, tokenLimit: Int, contextLength: Int?
  ) async throws -> DraftReport {
    let benchmark = DraftBenchmark(
      model: model, draft: try DraftSetting.parse(draft),
      sampler: SessionRecord.Sampler(temperature: temperature), tokenLimit: tokenLimit,
      contextLength: contextLength)
    let questions = try DraftBenchmark.questions(in: path, sample: sample)
    var measurements: [DraftMeasurement] = []
    for (index, question) in questions.enumerated() {
      measurements += await benchmark.measure(question, isPlainFirst: index % 2 == 0)
      if (index + 1) % 10 == 0 || index + 1 == questions.count {
        printError("fathom: \(index + 1) of \(questions.count) questions")
      }
    }
    return DraftReport(
      measurements, benchmark: benchmark,
      questions: sample.map { "\(questions.count) questions, \($0) of each task" }
        ?? "all \(questions.count) questions")
  }
}
