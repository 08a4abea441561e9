import Foundation
import TestSupport
import Testing
import Tokenization
import Training

struct DataTests {
  @Test func `every form of row is read as the conversation it is`() throws {
    let lines = [
      #"{"messages":[{"role":"system","content":"S"},{"role":"user","content":"Q"},{"role":"assistant","content":"A"}]}"#,
      #"{"instruction":"Do","input":"this","output":"Done","category":"x"}"#,
      #"{"instruction":"Do","input":"","output":"Done"}"#,
      #"{"question":"Why?","answer":"So."}"#,
      #"{"id":1,"instruction":"Relate","instances":[{"input":"a : b","output":"no"}]}"#,
      #"{"prompt":"Only asked"}"#,
      #"{"text":"Plain."}"#,
    ]
    let file = try Self.file(lines.joined(separator: "\n"))
    #expect(file.skipped.isEmpty)
    #expect(
      file.rows == [
        .conversation([
          ChatMessage(.system, "S"), ChatMessage(.user, "Q"), ChatMessage(.assistant, "A"),
        ]),
        .conversation([ChatMessage(.user, "Do\n\nthis"), ChatMessage(.assistant, "Done")]),
        .conversation([ChatMessage(.user, "Do"), ChatMessage(.assistant, "Done")]),
        .conversation([ChatMessage(.user, "Why?"), ChatMessage(.assistant, "So.")]),
        .conversation([ChatMessage(.user, "Relate\n\na : b"), ChatMessage(.assistant, "no")]),
        .conversation([ChatMessage(.user, "Only asked")]), .text("Plain."),
      ])
    #expect(file.rows[0].prompt == [ChatMessage(.system, "S"), ChatMessage(.user, "Q")])
  }

  @Test func `a bad row is named by its line and left out`() throws {
    let file = try Self.file(
      """
      {"question":"One","answer":"1"}
      {"question":

      {"role":"user"}
      {"messages":[{"role":"robot","content":"x"}]}
      {"instruction":"","output":"x"}
      {"question":"Two","answer":"2"}
      """)
    #expect(file.rows.count == 2)
    #expect(file.skipped.map(\.line) == [2, 4, 5, 6])
    #expect(file.skipped[2].reason.contains("robot"))
  }

  @Test func `a list in JSON and a plain text are read too`() throws {
    let list = try Self.file(#" [{"instruction":"A","output":"B"}, {"text":"C"}]"#)
    #expect(list.rows.count == 2)
    #expect(try Self.file("Call me Ishmael.\n").rows == [.text("Call me Ishmael.\n")])
  }

  @Test(arguments: ["", "  \n\n", "{\"x\":1}\n{\"y\":2}\n"])
  func `a file without a row that can be used is refused`(text: String) {
    let error = #expect(throws: TrainingError.self) { try Self.file(text) }
    #expect(error?.code == .emptyData)
    #expect(error?.place == "data.jsonl")
  }

  @Test(arguments: [("xz", "xz"), ("gz", "gzip")])
  func `a packed file is read as it is unpacked`(ending: String, program: String) async throws {
    try await withTemporaryFolder { folder in
      let path = folder + "/data.jsonl"
      try Data("{\"question\":\"Q\",\"answer\":\"A\"}\n".utf8).write(to: URL(filePath: path))
      let process = Process()
      process.executableURL = URL(filePath: "/usr/bin/env")
      process.arguments = [program, path]
      try process.run()
      process.waitUntilExit()
      try #require(process.terminationStatus == 0)
      #expect(try await DataFile(path: "\(path).\(ending)").rows.count == 1)
      try Data("no archive".utf8).write(to: URL(filePath: "\(path).\(ending)"))
      await #expect(throws: TrainingError.self) { try await DataFile(path: "\(path).\(ending)") }
    }
  }

  @Test func `what the assistant says is learnt, its end included, and nothing else`() throws {
    let builder = try Self.builder()
    let messages = [
      ChatMessage(.user, "the one"), ChatMessage(.assistant, "and other"),
      ChatMessage(.user, "then"), ChatMessage(.assistant, "in"),
    ]
    let text = try #require(builder.texts(of: [.conversation(messages)]).first)
    let learnt = text.targets.map {
      builder.tokenizer.decode(text.tokens[$0], renderSpecial: true)
    }
    #expect(learnt == ["and other<|im_end|>", "in<|im_end|>"])
    #expect(
      text.tokens
        == builder.tokenizer.encode(
          chat: messages, template: builder.template, addGenerationPrompt: false))
    #expect(builder.texts(of: [.conversation([ChatMessage(.user, "alone")])]).isEmpty)
  }

  @Test func `an answer beyond the length is cut, one that begins beyond it is left out`() throws {
    var builder = try Self.builder()
    let row = DataRow.conversation([
      ChatMessage(.user, "ab"), ChatMessage(.assistant, String(repeating: "xyz ", count: 50)),
    ])
    let whole = try #require(builder.texts(of: [row]).first)
    builder.length = whole.targets[0].lowerBound + 7
    #expect(builder.texts(of: [row]).first?.targetCount == 7)
    builder.length = whole.targets[0].lowerBound
    #expect(builder.texts(of: [row]).isEmpty)
  }

  @Test func `answers to one prompt are on the same side of the split`() throws {
    var builder = try Self.builder()
    builder.heldOutShare = 0.3
    var sides: [Bool] = []
    for index in 0..<200 {
      let texts = builder.texts(
        of: ["yes", "no"].map {
          .conversation([ChatMessage(.user, "prompt \(index)"), ChatMessage(.assistant, $0)])
        })
      try #require(texts.count == 2)
      #expect(texts[0].isHeldOut == texts[1].isHeldOut)
      sides.append(texts[0].isHeldOut)
    }
    #expect((30...90).contains(sides.count { $0 }))
  }

  @Test func `a plain text is learnt whole, piece by piece`() throws {
    var builder = try Self.builder()
    builder.length = 16
    let text = String(repeating: "a whale is a fish. ", count: 12)
    let pieces = builder.texts(of: [.text(text)])
    let tokens = builder.tokenizer.encode(text)
    let learnt = pieces.flatMap(\.tokens)
    // A last piece of one token has nothing to predict.
    #expect(tokens.starts(with: learnt) && tokens.count - learnt.count <= 1)
    #expect(pieces.allSatisfy { $0.targets == [1..<$0.tokens.count] })
  }

  private static func file(_ text: String) throws -> DataFile {
    try DataFile(path: "data.jsonl", data: Data(text.utf8))
  }

  private static func builder() throws -> TextBuilder {
    let tokenizer = try Tokenizer(
      metadata: Dictionary(uniqueKeysWithValues: TinyModel().vocabulary.metadata))
    return TextBuilder(
      tokenizer: tokenizer, template: .chatML(defaultSystem: nil), length: 256)
  }
}
