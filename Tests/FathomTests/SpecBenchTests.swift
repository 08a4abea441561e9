import Dials
import Foundation
import TestSupport
import Testing

@Suite(.needsProgram)
struct SpecBenchTests {
  private static let questions = """
    {"question_id": 1, "category": "writing", "turns": ["the cat sat on the mat", "again"]}
    {"question_id": 2, "category": "qa", "turns": ["the cat"], "reference": ["x"]}
    {"question_id": 3, "category": "rag", "turns": ["a b a b a b a b"]}
    {"question_id": 4, "category": "rag", "turns": ["a dog a dog a dog"]}
    """

  private func bench(_ arguments: String...) async throws -> BuiltProgram.Result {
    try await bench(arguments)
  }

  private func bench(_ arguments: [String]) async throws -> BuiltProgram.Result {
    try await withTemporaryFolder { folder in
      let path = folder + "/tiny.gguf"
      try Data(TinyModel(contextLength: 4096).bytes()).write(to: URL(filePath: path))
      try Data(Self.questions.utf8).write(to: URL(filePath: folder + "/question.jsonl"))
      return try BuiltProgram.run(
        ["bench", "-t", "1", "-m", path, "-n", "20"]
          + arguments.map { $0.replacing("FOLDER", with: folder) })
    }
  }

  /// The report that was printed as JSON, and the lists in it.
  private func report(
    _ result: BuiltProgram.Result
  ) throws -> (report: JSONValue, measurements: [JSONValue], summaries: [JSONValue]) {
    func list(_ value: JSONValue?) -> [JSONValue]? {
      guard case .array(let list)? = value else { return nil }
      return list
    }
    let report = try JSONValue(parsing: Data(result.output.utf8))
    return try (
      report, #require(list(report["measurements"])), #require(list(report["summaries"]))
    )
  }

  @Test func `a sample, a table and a line an answer`() async throws {
    try await withTemporaryFolder { folder in
      let csv = folder + "/answers.csv"
      let kept = folder + "/kept.jsonl"
      let result = try await bench(
        "--spec", "FOLDER/question.jsonl", "--sample", "1", "--draft", "ngram", "--csv", csv,
        "--keep", kept)
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.output.contains("| RAG | 1 | 1 |"))
      #expect(result.output.contains("3 questions, 1 of each task"))
      let lines = try String(contentsOfFile: csv, encoding: .utf8).split(separator: "\n")
      #expect(lines.count == 5)
      #expect(lines.dropFirst().allSatisfy { $0.hasSuffix(",true") })
      let other = try await bench("--spec", "FOLDER", "--keep", kept, "--temp", "0.5")
      #expect(other.status == 64 && other.errors.contains("Give another file"))
    }
  }

  @Test func `made-up prompts are answered in both orders, and the tokens are the same`()
    async throws
  {
    let result = try await bench("--adverse", "--sample", "1", "-o", "json")
    #expect(result.status == 0, "\(result.errors)")
    let (_, measurements, summaries) = try report(result)
    #expect(measurements.count == 8 && summaries.count == 5)
    #expect(measurements.allSatisfy { $0["identical"] == .boolean(true) })
    let wrong = try await bench("--adverse", "--spec", "FOLDER")
    #expect(wrong.status == 64 && wrong.errors.contains("--adverse"))
  }

  @Test func `what cannot be measured says why`() async throws {
    let missing = try await bench("--spec", "/nowhere")
    #expect(missing.status != 0 && missing.errors.contains("question.jsonl"))
    let wrong = try await bench("--spec", "FOLDER", "--draft", "0")
    #expect(wrong.status == 64 && wrong.errors.contains("cannot verify 0"))
    let unkept = try await bench("--spec", "FOLDER", "--minutes", "1")
    #expect(unkept.status == 64 && unkept.errors.contains("--keep"))
    let none = try await bench("--spec", "FOLDER", "--sample", "0")
    #expect(none.status == 64 && none.errors.contains("--sample"))
  }
}
