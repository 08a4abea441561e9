import Dials
import Evaluation
import Events
import Inference
import Kernels
import Techniques

/// Spec-Bench's result as a table, as CSV, or as JSON.
struct DraftReport: Codable {
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

  init(
    _ measurements: [DraftMeasurement], benchmark: DraftBenchmark, questions: String
  ) {
    model = benchmark.model.card.file
    cpuInfo = Host.processor
    nThreads = benchmark.model.crew.count
    simd = benchmark.model.kernels.description
    draft = benchmark.draft.description
    temperature = benchmark.sampler.temperature
    tokenLimit = benchmark.tokenLimit
    self.questions = questions
    self.measurements = measurements
    let tasks = (DraftBenchmark.Question.order + AdversePrompts.kinds).compactMap { task in
      DraftSummary(category: task, measurements.filter { $0.category == task })
    }
    summaries = tasks + [DraftSummary(category: "all", measurements)].compactMap { $0 }
  }

  /// A table of tasks and a table of sources.
  var markdown: String {
    var lines = [
      "| task | answers | identical | tokens/pass | plain t/s | drafts t/s | ratio | 95 % | slower |",
      "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for row in summaries {
      lines.append(
        "| \(row.category) | \(row.answers) | \(row.identical) | \(row.tokensPerPass.rounded(to: 2)) "
          + "| \(row.plainTs.rounded(to: 1)) | \(row.draftTs.rounded(to: 1)) "
          + "| \(row.ratio.rounded(to: 3)) | \(row.ratioInterval[0].rounded(to: 3)) … "
          + "\(row.ratioInterval[1].rounded(to: 3)) | \(row.slower) |")
    }
    lines += [
      "", "| task | median ratio of an answer | 95 % | rows of rejected guesses |",
      "| --- | ---: | ---: | ---: |",
    ]
    for row in summaries {
      lines.append(
        "| \(row.category) | \(row.medianRatio.rounded(to: 3)) "
          + "| \(row.medianInterval[0].rounded(to: 3)) … \(row.medianInterval[1].rounded(to: 3)) "
          + "| \((100 * row.rejectedShare).rounded(to: 1)) % |")
    }
    lines += [
      "", "| task | source | verified | accepted | share |", "| --- | --- | ---: | ---: | ---: |",
    ]
    for row in summaries {
      for (source, guesses) in row.sources.sorted(by: { $0.key < $1.key }) {
        let share = Double(guesses.accepted) / Double(max(1, guesses.proposed))
        lines.append(
          "| \(row.category) | \(source) | \(guesses.proposed) | \(guesses.accepted) "
            + "| \(share.rounded(to: 2)) |")
      }
    }
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
  var csv: String {
    let head = "question_id,turn,task,prompt_n,predicted_n,passes,plain_ms,draft_ms,identical"
    let lines = measurements.map {
      "\($0.questionId),\($0.turn),\($0.category),\($0.promptN),\($0.predictedN),\($0.passes),"
        + "\($0.plainMs.rounded(to: 3)),\($0.draftMs.rounded(to: 3)),\($0.identical)"
    }
    return ([head] + lines).joined(separator: "\n")
  }
}
