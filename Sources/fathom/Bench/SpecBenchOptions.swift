import ArgumentParser
import Corpus
import Dials
import Evaluation
import Events
import Files
import Foundation
import Inference
import Kernels
import Techniques

/// `fathom bench --spec`: what drafts are worth on the questions of Spec-Bench.
struct SpecBenchOptions: ParsableArguments {
  @Option(
    name: .customLong("spec"),
    help: "Instead: answer the questions of Spec-Bench in this folder plainly and with drafts.",
    completion: .directory)
  var path: String?

  @Flag(
    help: """
      Instead: answer adversarial prompts, on which drafts fail, plainly and with drafts; --sample N \
      of each kind (4).
      """)
  var adverse = false

  @Option(
    parsing: .unconditional,
    help: "With --spec or --instruct: only so many questions of each task or set.")
  var sample: Int?

  @Option(help: "With --spec: who drafts: \(DraftSetting.notation).")
  var draft = "auto"

  @Option(
    name: [.customLong("temp"), .customLong("temperature")], parsing: .unconditional,
    help: "With --spec: the temperature; 0 always takes the most probable token.")
  var temperature: Float = 0

  @Option(
    help: "With --spec or --instruct: also write one line an answer to this file.",
    completion: .file(extensions: ["csv"]))
  var csv: String?

  @Option(
    help: "With --spec: keep each answer's measurement in this file, and go on from what is in it.",
    completion: .file(extensions: ["jsonl"]))
  var keep: String?

  @Option(
    parsing: .unconditional,
    help: "With --spec: stop after so many minutes; the same --keep goes on from there.")
  var minutes: Double?

  func validate() throws {
    if adverse, path != nil || keep != nil {
      throw ValidationError("--adverse goes with neither --spec nor --keep.")
    }
    if let minutes {
      guard minutes > 0, keep != nil else {
        throw ValidationError("--minutes must be above 0, and needs --keep FILE.")
      }
    }
    if let sample, sample < 1 { throw ValidationError("--sample must be 1 or more.") }
    guard temperature >= 0, temperature.isFinite else {
      throw ValidationError("--temp must be 0 or more.")
    }
    do { _ = try DraftSetting.parse(draft) } catch { throw ValidationError("--draft \(error)") }
  }

  /// Whether drafts are to be measured.
  var isAsked: Bool { path != nil || adverse }

  /// Answers the questions and returns the report; how far it is goes to the error output.
  func report(
    model: LoadedModel, tokenLimit: Int, contextLength: Int?, inputs: [String]
  ) async throws -> DraftReport {
    let benchmark = DraftBenchmark(
      model: model, draft: try DraftSetting.parse(draft),
      sampler: SessionRecord.Sampler(temperature: temperature), tokenLimit: tokenLimit,
      contextLength: contextLength)
    let questions =
      try path.map { try SpecBench.questions(in: $0, sample: sample) }
      ?? AdversePrompts.questions(sample ?? 4)
    var kept = try KeptMeasurements(
      file: keep.map { LineFile($0, inputs: inputs) }, setting: .init(benchmark))
    let done = try await benchmark.run(questions, keeping: &kept, minutes: minutes) { done in
      if done % 10 == 0 || done == questions.count {
        printError("fathom: \(done) of \(questions.count) questions")
      }
    }
    let whole =
      adverse
      ? "\(questions.count) answers to adversarial prompts"
      : sample.map { "\(questions.count) questions, \($0) of each task" }
        ?? "all \(questions.count) questions"
    return DraftReport(
      kept.measurements, benchmark: benchmark,
      questions: done < questions.count ? "\(done) of \(questions.count) questions" : whole)
  }
}
