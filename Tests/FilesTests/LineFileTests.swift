import Files
import Foundation
import TestSupport
import Testing

struct LineFileTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func text(_ path: String) throws -> String {
    String(decoding: try FileReader.contents(of: path), as: UTF8.self)
  }

  @Test func `lines are added, and none behind one that was cut off`() throws {
    let path = folder.file("lines")
    let file = LineFile(path, mode: 0o600)
    try file.append(Data("one".utf8))
    try Data("one\ntw".utf8).write(to: URL(filePath: path))
    try file.append(Data("three".utf8))
    #expect(try text(path) == "one\ntw\nthree\n")
  }

  @Test func `a check makes the file, and adds nothing`() throws {
    let path = folder.file("lines")
    try LineFile(path, mode: 0o600).check()
    #expect(try text(path).isEmpty)
    #expect(FileIdentity(path: path)?.mode == 0o600)
  }

  @Test func `nothing is added to what is read, nor to what cannot grow`() throws {
    let path = folder.file("data")
    try Data("row\n".utf8).write(to: URL(filePath: path))
    for other in [path, folder.file("link")] {
      try? FileManager.default.createSymbolicLink(atPath: other, withDestinationPath: path)
      let error = #expect(throws: FileError.self) {
        try LineFile(other, inputs: [path]).append(Data("answer".utf8))
      }
      #expect(error?.code == .isInput)
    }
    #expect(try text(path) == "row\n")
    #expect(throws: FileError.self) { try LineFile("/dev/null").check() }
    #expect(throws: FileError.self) { try LineFile(folder.path).check() }
  }
}
