import Foundation
import Sessions
import TestSupport
import Testing

struct InputHistoryTests {
  @Test func `what was typed is there next time, whatever characters it has`() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("state/history.jsonl")
    var history = InputHistory(path: path)
    #expect(history.entries.isEmpty)
    let typed = ["hello", "two\nlines", "\"quoted\" \\ 🇨🇭", "/set temperature 0.7"]
    for entry in typed { try history.add(entry) }
    #expect(InputHistory(path: path).entries == typed)
  }

  @Test func `blank input and repetitions are left out`() throws {
    let folder = try TemporaryFolder()
    var history = InputHistory(path: folder.file("history.jsonl"))
    for entry in ["a", "a", " ", "", "\n", "b", "a"] { try history.add(entry) }
    #expect(history.entries == ["a", "b", "a"])
    #expect(InputHistory(path: history.path).entries == ["a", "b", "a"])
  }

  @Test func `no more than a thousand entries are kept, the newest`() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("history.jsonl")
    let lines = (0..<1500).map { "\"\($0)\"\n" }.joined()
    try Data(lines.utf8).write(to: URL(filePath: path))
    var history = InputHistory(path: path)
    #expect(history.entries.count == 1000)
    try history.add("new")
    #expect(history.entries == (501..<1500).map(String.init) + ["new"])
    #expect(InputHistory(path: path).entries == history.entries)
  }

  @Test(arguments: [0, 1500, 5000])
  func `the file does not grow beyond two thousand lines`(found: Int) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("history.jsonl")
    let lines = (0..<found).map { "\"\($0)\"\n" }.joined()
    try Data(lines.utf8).write(to: URL(filePath: path))
    var history = InputHistory(path: path)
    for number in 0..<600 {
      try history.add("new \(number)")
      let kept = try String(contentsOf: URL(filePath: path), encoding: .utf8)
      #expect(kept.split(separator: "\n").count < 2000)
      #expect(InputHistory(path: path).entries == history.entries)
    }
  }

  @Test func `two programs that add to one file keep each other's entries`() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("history.jsonl")
    var one = InputHistory(path: path)
    var two = InputHistory(path: path)
    for number in 0..<5 {
      try one.add("one \(number)")
      try two.add("two \(number)")
    }
    #expect(InputHistory(path: path).entries == (0..<5).flatMap { ["one \($0)", "two \($0)"] })
    #expect(one.entries == (0..<5).map { "one \($0)" })
  }

  @Test func `damaged lines cost no more than themselves`() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("history.jsonl")
    try Data("\"a\"\nnot json\n\"b\"\n\"cut of".utf8).write(to: URL(filePath: path))
    var history = InputHistory(path: path)
    #expect(history.entries == ["a", "b"])
    try history.add("c")
    #expect(InputHistory(path: path).entries == ["a", "b", "c"])
  }

  @Test func `only this person may read it`() throws {
    let folder = try TemporaryFolder()
    var history = InputHistory(path: folder.file("history.jsonl"))
    try history.add("secret")
    let mode = try FileManager.default.attributesOfItem(atPath: history.path)[.posixPermissions]
    #expect((mode as? NSNumber)?.intValue == 0o600)
  }

  @Test func `what cannot be written is still there for this run, and the error names the file`()
    throws
  {
    let folder = try TemporaryFolder()
    try Data().write(to: URL(filePath: folder.file("state")))
    var history = InputHistory(path: folder.file("state/history.jsonl"))
    let error = #expect(throws: SessionError.self) { try history.add("kept") }
    #expect(error?.path == folder.file("state"))
    #expect(history.entries == ["kept"])
  }
}
