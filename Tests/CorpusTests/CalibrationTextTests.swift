import Corpus
import Foundation
import GGUF
import TestSupport
import Testing
import Tokenization

struct CalibrationTextTests {
  private func read(
    _ content: String, named name: String = "text.jsonl", limit: Int = 10_000, seed: UInt64 = 1
  )
    async throws -> CalibrationText
  {
    let tokenizer = try Tokenizer(metadata: TinyModel().file().metadata)
    return try await withTemporaryFolder { folder in
      let path = folder + "/" + name
      try Data(content.utf8).write(to: URL(filePath: path))
      return try await CalibrationText(
        path: path, tokenizer: tokenizer, template: .chatML(defaultSystem: nil), tokenLimit: limit,
        seed: seed)
    }
  }

  @Test(arguments: [
    #"{"instruction": "go", "input": "", "output": "yes"}"#,
    #"{"prompt": "go", "response": "yes"}"#,
    #"{"question": "go", "answer": "yes", "other": 3}"#,
    #"{"instruction": "go", "instances": [{"input": "", "output": "yes"}]}"#,
    #"{"prompt": "go", "completion": "yes"}"#,
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
    let bad = await #expect(throws: CorpusError.self) {
      try await read("{\"text\": \"fine\"}\n\nnot json")
    }
    #expect(bad?.code == .badRow)
    #expect(bad?.place.hasSuffix("line 3") == true)
    let empty = await #expect(throws: CorpusError.self) { try await read("{\"title\": \"x\"}") }
    #expect(empty?.message.contains("neither a chat nor a text") == true)
  }

  @Test(arguments: [
    #"{"question": "asked, and no answer"}"#, #"{"messages": []}"#, "{}",
  ]) func `a line without an answer and without a text is refused`(line: String) async {
    let error = await #expect(throws: CorpusError.self) { try await read(line) }
    #expect(error?.message.contains("neither a chat nor a text") == true)
  }

  @Test func `a message of an unknown role is refused with its line`() async {
    let error = await #expect(throws: CorpusError.self) {
      try await read(#"{"messages": [{"role": "robot", "content": "x"}]}"#)
    }
    #expect(error?.place.hasSuffix("line 1") == true && error?.code == .badRow)
  }

  @Test func `an empty answer is an answer, and what is no text is refused`() async throws {
    #expect(try await !read(#"{"instruction": "go", "output": ""}"#).tokens.isEmpty)
    let tokenizer = try Tokenizer(metadata: TinyModel().file().metadata)
    let error = try await withTemporaryFolder { folder in
      let path = folder + "/a.txt"
      try Data([0xFF, 0xFE, 0x41]).write(to: URL(filePath: path))
      return await #expect(throws: CorpusError.self) {
        try await CalibrationText(
          path: path, tokenizer: tokenizer, template: .chatML(defaultSystem: nil), tokenLimit: 9,
          seed: 1)
      }
    }
    #expect(error?.code == .unusable)
  }

  @Test func `a packed text has the name and the tokens of the text`() async throws {
    let tokenizer = try Tokenizer(metadata: TinyModel().file().metadata)
    let text = try await withTemporaryFolder { folder in
      let path = folder + "/rows.jsonl"
      try Data(#"{"text": "line"}"#.utf8).write(to: URL(filePath: path))
      let process = Process()
      process.executableURL = URL(filePath: "/usr/bin/env")
      process.arguments = ["gzip", path]
      try process.run()
      process.waitUntilExit()
      return try await CalibrationText(
        path: path + ".gz", tokenizer: tokenizer, template: .chatML(defaultSystem: nil),
        tokenLimit: 9, seed: 1)
    }
    #expect(text.name == "rows.jsonl")
    #expect(text.tokens == tokenizer.encode("line\n\n", addSpecial: true))
  }
}
