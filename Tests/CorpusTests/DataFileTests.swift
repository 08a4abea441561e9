import Corpus
import Foundation
import TestSupport
import Testing
import Tokenization

struct DataFileTests {
  @Test func `every form of row is read as the conversation it is`() throws {
    let lines = [
      #"{"messages":[{"role":"system","content":"S"},{"role":"user","content":"Q"},{"role":"assistant","content":"A"}]}"#,
      #"{"instruction":"Do","input":"this","output":"Done","category":"x"}"#,
      #"{"instruction":"Do","input":"","output":"Done"}"#,
      #"{"question":"Why?","answer":"So."}"#,
      #"{"id":1,"instruction":"Relate","instances":[{"input":"a : b","output":"no"}]}"#,
      #"{"prompt":"Only asked"}"#,
      #"{"text":"Plain."}"#,
      #"{"instruction":"Do","context":"this","response":"Done","category":"x"}"#,
      #"{"idx":"1","Skill":"Math","Instruction":"Add"}"#,
      #"{"question_id":81,"category":"writing","turns":["Write","Again"]}"#,
      #"{"prompt":"Go","completion":"","question_id":"x","temperature":"hot","text":7}"#,
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
        .conversation([ChatMessage(.user, "Do\n\nthis"), ChatMessage(.assistant, "Done")]),
        .conversation([ChatMessage(.user, "Add")]), .conversation([ChatMessage(.user, "Write")]),
        .conversation([ChatMessage(.user, "Go")]),
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
    let error = #expect(throws: CorpusError.self) { try Self.file(text) }
    #expect(error?.code == .unusable)
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
      let damaged = await #expect(throws: CorpusError.self) {
        try await DataFile(path: "\(path).\(ending)")
      }
      #expect(damaged?.code == .unreadable)
      #expect(damaged?.message.contains("\(program) cannot unpack it") == true)
    }
  }

  @Test(arguments: [("xz", "xz"), ("gz", "gzip")])
  func `what unpacks to far more than texts do is refused before it fills the memory`(
    ending: String, program: String
  ) async throws {
    try await withTemporaryFolder { folder in
      let path = folder + "/data.jsonl." + ending
      let made = try BuiltProgram.run(
        "/bin/sh", ["-c", "yes '{\"text\":\"a\"}' | head -c 300000000 | \(program) -1 >'\(path)'"])
      try #require(made.status == 0)
      let error = await #expect(throws: CorpusError.self) { try await DataFile(path: path) }
      #expect(error?.code == .unusable)
      #expect(error?.message.contains("unpacks to more than") == true)
    }
  }

  @Test(arguments: ["", ".xz", ".gz"])
  func `a file that is not there is named with what to do`(ending: String) async {
    let path = "/nowhere/data.jsonl" + ending
    let error = await #expect(throws: CorpusError.self) { try await DataFile(path: path) }
    #expect(error?.code == .unreadable)
    #expect(error?.description.hasPrefix(path + ": No such file or directory. ") == true)
  }

  @Test func `lines may end as on Windows`() throws {
    let file = try Self.file("{\"text\":\"a\"}\r\n\r\n{\"text\":\"b\"}\r\n")
    #expect(file.rows == [.text("a"), .text("b")] && file.skipped.isEmpty)
  }

  private static func file(_ text: String) throws -> DataFile {
    try DataFile(path: "data.jsonl", data: Data(text.utf8))
  }
}
