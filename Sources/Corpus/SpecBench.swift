import Foundation

/// The questions of Spec-Bench, which lie in `question.jsonl`; the kinds of MT-bench count as one,
/// multi-turn.
///
/// Source: Xia et al., Spec-Bench (arXiv 2401.07851).
package enum SpecBench {
  /// One line of the file.
  package struct Question: Hashable, Sendable {
    /// Its number in the file.
    package var questionId: Int
    /// The task that it is counted to.
    package var task: String
    /// What a person says, turn after turn.
    package var turns: [String]
    /// The temperature of its answers, if it wants one of its own.
    package var temperature: Float?

    /// A question.
    package init(questionId: Int, task: String, turns: [String], temperature: Float? = nil) {
      self.questionId = questionId
      self.task = task
      self.turns = turns
      self.temperature = temperature
    }
  }

  /// The tasks, in the order in which they are reported.
  package static let tasks = ["multi-turn", "translation", "summarization", "QA", "maths", "RAG"]

  private static let tasksByCategory = [
    "translation": "translation", "summarization": "summarization", "qa": "QA",
    "math_reasoning": "maths", "rag": "RAG",
  ]

  /// The file of questions that `path` means, which may be its folder.
  package static func file(in path: String) -> String {
    let url = URL(filePath: path)
    return url.pathExtension == "jsonl" ? path : url.appending(path: "question.jsonl").path
  }

  /// The questions in `path`, a folder with `question.jsonl` or such a file: all of them, or `sample`
  /// of each task, evenly spread.
  package static func questions(
    in path: String, sample: Int?
  ) throws(CorpusError) -> [Question] {
    let file = file(in: path)
    guard let data = FileManager.default.contents(atPath: file) else {
      throw CorpusError(
        .unreadable, place: file,
        "there is no such file. --spec takes a folder with Spec-Bench's question.jsonl, or the file."
      )
    }
    var all: [Question] = []
    for line in JSONLine.all(in: data) {
      guard let fields = try? line.fields, let number = fields.questionId,
        let category = fields.category, let turns = fields.turns
      else {
        throw CorpusError(
          .badRow, place: "\(file): line \(line.number)",
          "this is no question. Give objects with question_id, category and turns.")
      }
      all.append(
        Question(
          questionId: number, task: tasksByCategory[category] ?? "multi-turn", turns: turns,
          temperature: fields.temperature))
    }
    guard let sample else { return all }
    return tasks.flatMap { task in all.filter { $0.task == task }.spread(sample) }
  }
}
