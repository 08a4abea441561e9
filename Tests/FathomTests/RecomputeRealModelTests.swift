import Foundation
import TestSupport
import Testing

/// The figures of the default model, where it lies on this machine, are those of the record.
@Suite(.needsProgram, .needsPython, .needsModel, .serialized)
struct RecomputeRealModelTests {
  private static let question = "Write a short story about a lighthouse keeper and a seagull."

  @Test(arguments: [["--preset", "balanced"], ["--preset", "off"]])
  func `a long answer is as fast against plain passes as its record says`(
    preset: [String]
  ) async throws {
    let model = try #require(SharedData.model)
    try await withTemporaryFolder { folder in
      let file = "\(folder)/s.jsonl"
      let lines = [Self.question, "/stats", "And how does it end?", "/stats", "/save \(file)"]
      let chat = try BuiltProgram.run(
        ["chat", "--plain", "--no-history", "-m", model, "--temp", "0", "--draft", "auto"]
          + ["-n", "256"] + preset,
        variables: ["XDG_STATE_HOME": folder], input: lines.map { $0 + "\n" }.joined())
      #expect(chat.status == 0, "\(chat.errors)")
      let answers = try Recomputation.sections(ofFile: file).filter(\.isAnswer)
      let printed = chat.output.components(separatedBy: "\n").figures
      #expect(answers.count == 2)
      #expect(printed == answers.flatMap(\.figures))
      #expect(printed.contains { $0.hasPrefix("PACE ") && $0.contains("as fast as plain") })
      #expect(printed.contains { $0.hasPrefix("PASS ") })
      let replay = try BuiltProgram.run(["replay", "--plain", file])
      let replayed = replay.output.components(separatedBy: "\n").figures
      #expect(replayed == answers.flatMap(\.sentences))
    }
  }
}
