import Corpus
import Dials
import Evaluation
import Events
import Files
import Foundation
import Inference
import Techniques
import TestSupport
import Testing

/// Spec-Bench's questions on a tiny model.
struct DraftBenchmarkTests {
  private static let file = """
    {"question_id": 1, "category": "writing", "turns": ["the cat sat on the mat", "again"]}
    {"question_id": 2, "category": "qa", "turns": ["the cat"], "reference": ["x"]}
    {"question_id": 3, "category": "rag", "turns": ["a b a b a b a b"]}
    {"question_id": 4, "category": "rag", "turns": ["a dog a dog a dog"]}
    """

  @inline(never)
  private func benchmark(
    temperature: Float = 0, draft: DraftSetting = .auto
  ) throws -> DraftBenchmark {
    DraftBenchmark(
      model: try LoadedModel(file: TinyModel(contextLength: 1024).file(), threads: 1),
      draft: draft, sampler: SessionRecord.Sampler(temperature: temperature), tokenLimit: 12,
      contextLength: nil)
  }

  /// Calls `body` with the questions of the file above, and with a path for measurements.
  private func withQuestions(
    _ body: ([SpecBench.Question], String) async throws -> Void
  ) async throws {
    try await withTemporaryFolder { folder in
      try Data(Self.file.utf8).write(to: URL(filePath: folder + "/question.jsonl"))
      let questions = try SpecBench.questions(in: folder, sample: nil)
      try await body(questions, folder + "/kept.jsonl")
    }
  }

  @Test(arguments: [Float(0), 0.8])
  func `every turn is answered both ways, and the tokens are the same`(
    temperature: Float
  ) async throws {
    try await withQuestions { questions, _ in
      let benchmark = try benchmark(temperature: temperature)
      var kept = try KeptMeasurements(file: nil, setting: .init(benchmark))
      var heard: [Int] = []
      let done = try await benchmark.run(questions, keeping: &kept) { heard.append($0) }
      #expect(done == 4 && heard == [1, 2, 3, 4])
      #expect(kept.measurements.map(\.questionId) == [1, 1, 2, 3, 4])
      #expect(kept.measurements.map(\.turn) == [0, 1, 0, 0, 0])
      for answer in kept.measurements {
        #expect(answer.identical && answer.predictedN > 0 && answer.plainMs > 0)
        #expect(answer.passes < answer.predictedN)
      }
    }
  }

  @Test func `what is kept is not measured again, and a line that was cut off is`() async throws {
    try await withQuestions { questions, path in
      let benchmark = try benchmark()
      func run() async throws -> [DraftMeasurement] {
        var kept = try KeptMeasurements(file: LineFile(path), setting: .init(benchmark))
        _ = try await benchmark.run(questions, keeping: &kept)
        return kept.measurements
      }
      let first = try await run()
      let lines = try Data(contentsOf: URL(filePath: path)).split(separator: UInt8(ascii: "\n"))
      #expect(lines.count == 1 + 4)
      // Times are never the same twice: they were read from the file.
      #expect(try await run() == first)
      try Data(lines.joined(separator: Data("\n".utf8)).dropLast(9)).write(to: URL(filePath: path))
      let again = try await run()
      #expect(again.count == first.count && again.dropLast() == first.dropLast())
      #expect(try await run() == again)
    }
  }

  @Test func `no time left measures nothing more, and says how far it came`() async throws {
    try await withQuestions { questions, path in
      let benchmark = try benchmark()
      var kept = try KeptMeasurements(file: LineFile(path), setting: .init(benchmark))
      #expect(try await benchmark.run(questions, keeping: &kept, minutes: -1) == 0)
      #expect(kept.measurements.isEmpty)
    }
  }

  @Test func `measurements of another setting are refused`() async throws {
    try await withQuestions { _, path in
      _ = try KeptMeasurements(file: LineFile(path), setting: .init(try benchmark()))
      for other in [try benchmark(temperature: 0.5), try benchmark(draft: .off)] {
        let error = #expect(throws: EvaluationError.self) {
          try KeptMeasurements(file: LineFile(path), setting: .init(other))
        }
        #expect(error?.code == .badArgument)
      }
    }
  }
}
