import Dials
import Events
package import Files
import Foundation
import Inference
import Kernels
import Techniques

/// Measurements of Spec-Bench's answers in a file that grows by a line at a time, so that a run can be
/// made in portions.
package struct KeptMeasurements {
  /// What must be the same in every portion.
  package struct Setting: Codable, Hashable {
    /// The model's digest, or its file's name.
    package var model: String
    /// Who drafts.
    package var draft: String
    /// The temperature.
    package var temperature: Float
    /// New tokens an answer at most.
    package var tokenLimit: Int
    /// Threads of a pass.
    package var threads: Int

    /// What a run of `benchmark` has.
    package init(_ benchmark: DraftBenchmark) {
      let model = benchmark.model
      self.model = model.card.sha256 ?? model.card.file
      draft = benchmark.draft.description
      temperature = benchmark.sampler.temperature
      tokenLimit = benchmark.tokenLimit
      threads = model.pool.count
    }
  }

  /// All measurements so far.
  package private(set) var measurements: [DraftMeasurement] = []
  private let file: LineFile?
  private var done: Set<Int> = []

  private enum Line: Codable {
    case setting(Setting)
    case answers([DraftMeasurement])
  }

  /// What the file holds, which must have been measured with `setting`; kept in memory alone where there is
  /// no file. Throws an `EvaluationError` where it is another run's.
  package init(file: LineFile?, setting: Setting) throws {
    self.file = file
    guard let file else { return }
    try file.check()
    let data = try FileReader.contents(of: file.path)
    guard !data.isEmpty else {
      try append(.setting(setting))
      return
    }
    let lines = data.split(separator: UInt8(ascii: "\n")).map {
      try? JSONDecoder().decode(Line.self, from: Data($0))
    }
    guard case .setting(let kept)? = lines.first, kept == setting else {
      throw EvaluationError(
        code: .badArgument,
        message:
          "\(file.path) was not kept by a run with this model, --draft, --temp, -n and -t. Give another file."
      )
    }
    for case .answers(let answers)? in lines where answers.allSatisfy(\.isSane) { take(answers) }
  }

  /// Whether the question was answered before.
  package func contains(_ questionId: Int) -> Bool { done.contains(questionId) }

  /// Keeps the answers to one question.
  package mutating func add(_ answers: [DraftMeasurement]) throws {
    try append(.answers(answers))
    take(answers)
  }

  private mutating func take(_ answers: [DraftMeasurement]) {
    measurements += answers
    done.formUnion(answers.map(\.questionId))
  }

  private func append(_ line: Line) throws {
    try file?.append(JSONEncoder().encode(line))
  }
}
