import Files
import Foundation
import Shell
import TestSupport
import Testing

struct LogFileTests {
  @Test func `a line has its time and its level, and no line break of its own`() throws {
    let folder = try TemporaryFolder()
    let log = try LogFile(folder.file("a/x.log"))
    log.write(.error, "one\ntwo\u{1b}", at: Date(timeIntervalSince1970: 0))
    let text = try String(contentsOfFile: folder.file("a/x.log"), encoding: .utf8)
    #expect(text == "1970-01-01T00:00:00.000Z error one\u{240a}two\u{241b}\n")
  }

  @Test func `only this person may read it, and an older one is taken away from others`() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("x.log")
    try Data().write(to: URL(filePath: path))
    chmod(path, 0o644)
    try LogFile(path).write(.information, "one")
    #expect(FileIdentity(path: path)?.mode == 0o600)
  }

  @Test func `it takes no more than two limits and a line each`() throws {
    let folder = try TemporaryFolder()
    let log = try LogFile(folder.file("x.log"), limit: 1000)
    for number in 0..<500 { log.write(.information, "line \(number)") }
    let sizes = try ["x.log", "x.log.1"].map { name in
      let path = folder.file(name)
      #expect(FileIdentity(path: path)?.mode == 0o600)
      return try Data(contentsOf: URL(filePath: path)).count
    }
    #expect(sizes.allSatisfy { $0 > 0 && $0 < 1100 })
    let text = try String(contentsOfFile: folder.file("x.log"), encoding: .utf8)
    #expect(text.contains("line 499"))
  }

  @Test func `what is no file is said before the work begins`() throws {
    let folder = try TemporaryFolder()
    #expect(throws: FileError.self) { try LogFile(folder.path) }
    #expect(throws: FileError.self) { try LogFile("/dev/null/x.log") }
  }
}
