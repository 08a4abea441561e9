import Corpus
import Dials
import Events
import Inference
import Kernels
import Reports
import Techniques

/// Spec-Bench's result as a table, as CSV, or as JSON.
package struct DraftReport: Codable {
  var model: String
  var cpuInfo: String
  var nThreads: Int
  var simd: String
  var draft: String
  var temperature: Float
  var tokenLimit: Int
  /// What the measurements are of: all questions, or so many of each task.
  var questions: String
  var summaries: [DraftSummary]
  var measurements: [DraftMeasurement]

  /// The report on measurements of `benchmark`; `questions` says what they are of.
  package init(
    _ measurements: [DraftMeasurement], benchmark: DraftBenchmark, questions: String
  ) {
    model = benchmark.model.card.file
    cpuInfo = Host.processor
    nThreads = benchmark.model.pool.count
    simd = benchmark.model.kernels.description
    draft = benchmark.draft.description
    temperature = benchmark.sampler.temperature
    tokenLimit = benchmark.tokenLimit
    self.questions = questions
    self.measurements = measurements
    let tasks = (SpecBench.tasks + AdversePrompts.kinds).compactMap { task in
      DraftSummary(category: task, measurements.filter { $0.category == task })
    }
    summaries = tasks + [DraftSummary(category: "all", measurements)].compactMap { $0 }
  }

  /// A table of tasks and a table of sources.
  package var markdown: String {
    let tasks = MarkdownTable(
      [
        "task", "answers", "identical", "tokens/pass", "plain t/s", "drafts t/s", "ratio", "95 %",
        "slower",
      ], words: ["task"],
      rows: summaries.map { row in
        [
          row.category, "\(row.answers)", "\(row.identical)", row.tokensPerPass.rounded(to: 2),
          row.plainTs.rounded(to: 1), row.draftTs.rounded(to: 1), row.ratio.rounded(to: 3),
          Self.range(row.ratioInterval), "\(row.slower)",
        ]
      })
    let answers = MarkdownTable(
      ["task", "median ratio of an answer", "95 %", "rows of rejected guesses"], words: ["task"],
      rows: summaries.map { row in
        [
          row.category, row.medianRatio.rounded(to: 3), Self.range(row.medianInterval),
          row.rejectedShare.percent(1),
        ]
      })
    let sources = MarkdownTable(
      ["task", "source", "verified", "accepted", "share"], words: ["task", "source"],
      rows: summaries.flatMap { row in
        row.sources.sorted { $0.key < $1.key }.map { source, guesses in
          let share = Double(guesses.accepted) / Double(max(1, guesses.proposed))
          return [
            row.category, source, "\(guesses.proposed)", "\(guesses.accepted)",
            share.rounded(to: 2),
          ]
        }
      })
    var lines = tasks.lines + [""] + answers.lines + [""] + sources.lines
    lines += [
      "",
      "\(model), \(cpuInfo), \(nThreads) threads, \(simd); drafts \(draft), temperature "
        + "\(temperature) unless the task says another, at most \(tokenLimit) tokens an answer, \(questions).",
      "A ratio is the time of plain decoding over that with drafts; both took turns on every prompt. "
        + "Prompts are not counted. The interval is that of resampled answers; slower are answers that "
        + "took over 3 % longer. Drafters keep what they learned from answer to answer.",
    ]
    return lines.joined(separator: "\n")
  }

  /// One line an answer.
  package var csv: String {
    CSV.text(
      header: [
        "question_id", "turn", "task", "prompt_n", "predicted_n", "passes", "plain_ms", "draft_ms",
        "identical",
      ],
      rows: measurements.map {
        [
          "\($0.questionId)", "\($0.turn)", $0.category, "\($0.promptN)", "\($0.predictedN)",
          "\($0.passes)", $0.plainMs.rounded(to: 3), $0.draftMs.rounded(to: 3), "\($0.identical)",
        ]
      })
  }

  private static func range(_ interval: [Double]) -> String {
    interval.map { $0.rounded(to: 3) }.joined(separator: " … ")
  }
}
