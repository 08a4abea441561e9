import Corpus
import Foundation
import TestSupport
import Testing

/// The questions of Spec-Bench and the four sets of LITE.
struct BenchmarkSetTests {
  private static let sets: [(InstructSet, String)] = [
    (
      .vicuna, #"{"question_id": 1, "category": "generic", "turns": ["How?", "And then?"]}"#
    ),
    (.koala, #"{"id": "koala_1", "prompt": "How?"}"#),
    (.wizardlm, #"{"idx": 1, "Skill": "Writing", "Difficulty": 2, "Instruction": "How?"}"#),
    (
      .selfInstruct,
      #"{"id": "u0", "instruction": "How?", "instances": [{"input": "", "output": "So."}]}"#
    ),
  ]

  @Test func `each set of LITE has its own fields, and the request is read from all`()
    async throws
  {
    try await withTemporaryFolder { folder in
      for (set, row) in Self.sets {
        try Data(row.utf8).write(to: URL(filePath: "\(folder)/\(set.rawValue).jsonl"))
        let prompts = try set.prompts(in: folder, sample: nil)
        #expect(prompts.map(\.text) == ["How?"] && prompts.map(\.number) == [0])
      }
    }
  }

  @Test func `an instance's input stands behind the instruction`() async throws {
    try await withTemporaryFolder { folder in
      let row = #"{"instruction": "Add", "instances": [{"input": "1 2", "output": "3"}]}"#
      try Data(row.utf8).write(to: URL(filePath: folder + "/self_instruct.jsonl"))
      #expect(
        try InstructSet.selfInstruct.prompts(in: folder, sample: nil).map(\.text) == ["Add\n\n1 2"])
    }
  }

  @Test func `a sample is evenly spread and keeps its numbers`() async throws {
    try await withTemporaryFolder { folder in
      let rows = (0..<10).map { #"{"prompt": "\#($0)"}"# }.joined(separator: "\n")
      try Data(rows.utf8).write(to: URL(filePath: folder + "/koala.jsonl"))
      let prompts = try InstructSet.koala.prompts(in: folder, sample: 4)
      #expect(
        prompts.map(\.number) == [0, 2, 5, 7] && prompts.map(\.text) == ["0", "2", "5", "7"])
      #expect(try InstructSet.koala.prompts(in: folder, sample: 99).count == 10)
    }
  }

  @Test func `a line without an instruction is named, and a missing file says what is wanted`()
    async throws
  {
    try await withTemporaryFolder { folder in
      try Data("{\"prompt\": \"a\"}\n\n{\"title\": \"b\"}".utf8).write(
        to: URL(filePath: folder + "/koala.jsonl"))
      let bad = #expect(throws: CorpusError.self) {
        try InstructSet.koala.prompts(in: folder, sample: nil)
      }
      #expect(bad?.message == "line 3 holds no instruction.")
      let missing = #expect(throws: CorpusError.self) {
        try InstructSet.vicuna.prompts(in: folder, sample: nil)
      }
      #expect(missing?.code == .unreadable && missing?.message.contains("--instruct") == true)
    }
  }

  private static let questions = """
    {"question_id": 1, "category": "writing", "turns": ["a", "b"]}
    {"question_id": 2, "category": "qa", "turns": ["c"], "reference": ["x"]}
    {"question_id": 3, "category": "rag", "turns": ["d"]}
    {"question_id": 4, "category": "rag", "turns": ["e"], "temperature": 0.7}
    {"question_id": 5, "category": "math_reasoning", "turns": ["f"]}
    """

  @Test func `questions are counted to the tasks of Spec-Bench`() async throws {
    try await withTemporaryFolder { folder in
      try Data(Self.questions.utf8).write(to: URL(filePath: folder + "/question.jsonl"))
      let all = try SpecBench.questions(in: folder, sample: nil)
      #expect(all.map(\.task) == ["multi-turn", "QA", "RAG", "RAG", "maths"])
      #expect(all.map(\.questionId) == [1, 2, 3, 4, 5] && all[0].turns == ["a", "b"])
      #expect(all[3].temperature == 0.7 && all[0].temperature == nil)
      #expect(Set(all.map(\.task)).isSubset(of: SpecBench.tasks))
      #expect(try SpecBench.questions(in: folder + "/question.jsonl", sample: nil) == all)
      let sample = try SpecBench.questions(in: folder, sample: 1)
      #expect(sample.map(\.questionId) == [1, 2, 5, 3])
    }
  }

  @Test(arguments: [
    "nonsense", #"{"question_id": 9, "turns": ["x"]}"#, #"{"category": "qa", "turns": ["x"]}"#,
    #"{"question_id": 9, "category": "qa", "turns": "x"}"#,
  ]) func `a line that is no question is named`(line: String) async throws {
    try await withTemporaryFolder { folder in
      try Data((Self.questions + "\n" + line).utf8).write(
        to: URL(filePath: folder + "/question.jsonl"))
      let error = #expect(throws: CorpusError.self) {
        try SpecBench.questions(in: folder, sample: nil)
      }
      #expect(error?.place.hasSuffix("question.jsonl: line 6") == true && error?.code == .badRow)
    }
    let missing = #expect(throws: CorpusError.self) {
      try SpecBench.questions(in: "/nowhere", sample: nil)
    }
    #expect(missing?.description.contains("/nowhere/question.jsonl: there is no such file") == true)
  }
}
