import Dials
import Foundation
import GGUF
import Pruning
import TestSupport
import Testing
import Tokenization

struct CalibrationTests {
  private func text(_ count: Int, from first: Int = 0) -> CalibrationText {
    CalibrationText(name: "\(first)", tokens: (first..<first + count).map { TokenID($0) })
  }

  private func read(
    _ content: String, named name: String = "text.jsonl", limit: Int = 10_000, seed: UInt64 = 1
  ) async throws -> CalibrationText {
    let tokenizer = try Tokenizer(metadata: TinyModel().file().metadata)
    return try await withTemporaryFolder { folder in
      let path = folder + "/" + name
      try Data(content.utf8).write(to: URL(filePath: path))
      return try CalibrationText(
        path: path, tokenizer: tokenizer, template: .chatML(defaultSystem: nil), tokenLimit: limit,
        seed: seed)
    }
  }

  @Test func `the draw is whole sequences, in order, the same for the same seed`() throws {
    let sample = try CalibrationSample(texts: [text(1000)], count: 5, length: 10, seed: 7)
    let drawn = try #require(sample.provenance.sources.first?.sequences)
    #expect(drawn == drawn.sorted() && Set(drawn).count == 5)
    for (index, sequence) in zip(drawn, sample.sequences) {
      #expect(sequence == (index * 10..<index * 10 + 10).map { TokenID($0) })
    }
    #expect(sample.scoredCount == 45)
    #expect(try CalibrationSample(texts: [text(1000)], count: 5, length: 10, seed: 7) == sample)
    let other = try CalibrationSample(texts: [text(1000)], count: 5, length: 10, seed: 8)
    #expect(other.provenance.sha256 != sample.provenance.sha256)
  }

  @Test func `several texts share the sequences and take turns`() throws {
    let texts = [text(100), text(100, from: 500), text(100, from: 900)]
    let sample = try CalibrationSample(texts: texts, count: 8, length: 10, seed: 1)
    #expect(sample.provenance.sources.map(\.sequences.count) == [3, 3, 2])
    #expect(sample.sequences.map { $0[0].index / 400 } == [0, 1, 2, 0, 1, 2, 0, 1])
  }

  @Test(arguments: [0, 1, 39]) func `a text that is too short is refused`(count: Int) {
    let error = #expect(throws: PruningError.self) {
      try CalibrationSample(texts: [text(count)], count: 4, length: 10, seed: 1)
    }
    #expect(error?.code == .tooShort)
    #expect(error?.message.contains("\(count) tokens") == true)
  }

  @Test func `the digest is that of the ids as bytes`() {
    // Of the bytes 01 00 00 00 02 00 00 00, as sha256sum has it.
    #expect(
      CalibrationSample.digest(of: [[TokenID(1)], [TokenID(2)]])
        == "34fb5c825de7ca4aea6e712f19d439c1da0c92c37b423936c5f618545ca4fa1f")
    #expect(
      CalibrationSample.digest(of: [])
        == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  }

  @Test(arguments: [
    #"{"instruction": "go", "input": "", "output": "yes"}"#,
    #"{"prompt": "go", "response": "yes"}"#,
    #"{"question": "go", "answer": "yes", "other": 3}"#,
    #"{"messages": [{"role": "user", "content": "go"}, {"role": "assistant", "content": "yes"}]}"#,
  ]) func `a chat is written down with the template, in any of its spellings`(
    line: String
  ) async throws {
    let tokenizer = try Tokenizer(metadata: TinyModel().file().metadata)
    let expected = tokenizer.encode(
      chat: [ChatMessage(.user, "go"), ChatMessage(.assistant, "yes")],
      template: .chatML(defaultSystem: nil), addGenerationPrompt: false)
    #expect(try await read(line).tokens == expected)
  }

  @Test func `lines come in an order that the seed gives, no more than are wanted`() async throws {
    let lines = (0..<50).map { #"{"text": "line \#($0)"}"# }.joined(separator: "\n") + "\n\n"
    let all = try await read(lines).tokens
    #expect(try await read(lines).tokens == all)
    let other = try await read(lines, seed: 2).tokens
    #expect(other != all && other.count == all.count)
    let some = try await read(lines, limit: 30).tokens
    #expect(some.count >= 30 && some.count < 60)
    #expect(Array(all.prefix(some.count)) == some)
  }

  @Test func `a plain text is one text`() async throws {
    let tokenizer = try Tokenizer(metadata: TinyModel().file().metadata)
    let content = "{\"text\": \"not JSON Lines\"}\nthe end"
    #expect(try await read(content, named: "a.txt").tokens == tokenizer.encode(content))
  }

  @Test func `what cannot be read is said with its line`() async throws {
    let bad = await #expect(throws: PruningError.self) {
      try await read("{\"text\": \"fine\"}\n\nnot json")
    }
    #expect(bad?.code == .badCalibration)
    #expect(bad?.place.hasSuffix("line 3") == true)
    let empty = await #expect(throws: PruningError.self) { try await read("{\"title\": \"x\"}") }
    #expect(empty?.message.contains("neither a chat nor a text") == true)
  }
}
