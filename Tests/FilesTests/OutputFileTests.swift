import Files
import Foundation
import TestSupport
import Testing

struct OutputFileTests {
  private let folder: TemporaryFolder
  private let new = Data("new".utf8)

  init() throws { folder = try TemporaryFolder() }

  private func put(_ text: String, at name: String) throws {
    try Data(text.utf8).write(to: URL(filePath: folder.file(name)))
  }

  private func text(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(filePath: folder.file(name))), as: UTF8.self)
  }

  private func error(_ file: OutputFile) -> FileError? {
    let early = #expect(throws: FileError.self) { try file.check() }
    let late = #expect(throws: FileError.self) { try file.write(new) }
    #expect(early == late, "what is found before the work is what is found after it")
    return late
  }

  @Test func `a file that is there stays unless it was to be replaced`() throws {
    try put("old", at: "a")
    let error = error(OutputFile(folder.file("a"), wayToReplace: "Say --force"))
    #expect(error?.code == .exists && error?.description.hasSuffix("Say --force.") == true)
    #expect(try text("a") == "old")
    try OutputFile(folder.file("a"), replaces: true).write(new)
    #expect(try text("a") == "new")
    #expect(folder.names == ["a"])
  }

  @Test(arguments: ["a", "./a", "link", "hard", "way/../a"])
  func `what is read is never written over, however it is spelled`(name: String) throws {
    try put("model", at: "a")
    let manager = FileManager.default
    try manager.createSymbolicLink(
      atPath: folder.file("link"), withDestinationPath: folder.file("a"))
    try manager.linkItem(atPath: folder.file("a"), toPath: folder.file("hard"))
    try manager.createDirectory(
      atPath: folder.file("way"), withIntermediateDirectories: false)
    for input in ["a", "link", "hard"] {
      for replaces in [false, true] {
        let file = OutputFile(
          folder.path + "/" + name, inputs: [folder.file(input)], replaces: replaces,
          renewsLinked: true)
        #expect(error(file)?.code == .isInput)
      }
    }
    #expect(try text("a") == "model")
  }

  @Test func `a link is written through, also one that leads to nothing yet`() throws {
    let manager = FileManager.default
    try put("old", at: "target")
    for (link, target) in [("one", folder.file("target")), ("two", "three"), ("three", "made")] {
      try manager.createSymbolicLink(atPath: folder.file(link), withDestinationPath: target)
    }
    #expect(error(OutputFile(folder.file("one")))?.code == .exists)
    try OutputFile(folder.file("one"), renewsLinked: true).write(new)
    try OutputFile(folder.file("two")).write(new)
    #expect(try text("target") == "new" && text("made") == "new")
    #expect(
      try manager.destinationOfSymbolicLink(atPath: folder.file("one")) == folder.file("target"))
    #expect(try manager.destinationOfSymbolicLink(atPath: folder.file("two")) == "three")
    try manager.createSymbolicLink(
      atPath: folder.file("round"), withDestinationPath: folder.file("round"))
    #expect(error(OutputFile(folder.file("round"))) != nil)
  }

  @Test func `a device stays a device, and only a link makes a report replace a file`() throws {
    try OutputFile("/dev/null", inputs: ["/dev/null"]).write(new)
    #expect(FileIdentity(path: "/dev/null")?.kind == .characterDevice)
    try put("old", at: "a")
    #expect(error(OutputFile(folder.file("a"), renewsLinked: true))?.code == .exists)
  }

  @Test func `a pipe waits for its reader, and takes more than it holds`() async throws {
    let path = folder.file("pipe")
    #expect(mkfifo(path, 0o600) == 0)
    let data = Data((0..<300_000).map { UInt8(truncatingIfNeeded: $0) })
    let reading = Task.detached { try FileReader.contents(of: path) }
    try OutputFile(path).write(data)
    #expect(try await reading.value == data)
  }

  @Test func `an error in the middle leaves the older file and nothing else`() throws {
    try put("old", at: "a")
    let wrong = FileError(.full, .writing, path: "a", reason: "no", remedy: "no")
    #expect(throws: wrong) {
      try OutputFile(folder.file("a"), replaces: true).write { sink throws(FileError) in
        try sink.write(new)
        throw wrong
      }
    }
    #expect(try text("a") == "old")
    #expect(folder.names == ["a"])
  }

  @Test func `a file that appears meanwhile is not replaced`() throws {
    let error = #expect(throws: FileError.self) {
      try OutputFile(folder.file("a")).write { sink throws(FileError) in
        try sink.write(new)
        try? put("theirs", at: "a")
      }
    }
    #expect(error?.code == .exists)
    #expect(try text("a") == "theirs")
    #expect(folder.names == ["a"])
  }

  @Test func `permissions are the older file's, or those that were asked for`() throws {
    try OutputFile(folder.file("a"), mode: 0o600).write(new)
    #expect(FileIdentity(path: folder.file("a"))?.mode == 0o600)
    chmod(folder.file("a"), 0o664)
    try OutputFile(folder.file("a"), replaces: true, mode: 0o600).write(new)
    #expect(FileIdentity(path: folder.file("a"))?.mode == 0o664)
  }

  @Test func `what a killed program left goes with the next file, what is being written stays`()
    throws
  {
    let old = Date(timeIntervalSinceNow: -3600)
    for name in [".fathom-1.part", ".fathom-2.part", ".other-3.part"] {
      try put("half", at: name)
      try FileManager.default.setAttributes(
        [.modificationDate: old], ofItemAtPath: folder.file(name))
    }
    let held = open(folder.file(".fathom-2.part"), O_WRONLY)
    defer { close(held) }
    #expect(flock(held, LOCK_EX) == 0)
    try OutputFile(folder.file("a")).write(new)
    #expect(folder.names == [".fathom-2.part", ".other-3.part", "a"])
  }

  @Test func `a name of one letter, in the folder where the program stands, is a file like others`()
    throws
  {
    try put("old", at: "x")
    let standing = FileManager.default.currentDirectoryPath
    #expect(FileManager.default.changeCurrentDirectoryPath(folder.path))
    defer { _ = FileManager.default.changeCurrentDirectoryPath(standing) }
    try OutputFile("y").check()
    try OutputFile("y").write(new)
    #expect(error(OutputFile("x"))?.code == .exists)
    #expect(try text("y") == "new")
  }

  @Test func `a name of the greatest length can be written`() throws {
    let name = String(repeating: "n", count: 255)
    try OutputFile(folder.file(name)).write(new)
    #expect(try text(name) == "new")
  }

  @Test func `a folder, a missing folder and one that is a file are told apart`() throws {
    try put("old", at: "a")
    for (path, code) in [
      (folder.path, FileError.Code.place), (folder.file("no/b"), .missing),
      (folder.file("a/b"), .place),
    ] { #expect(error(OutputFile(path))?.code == code) }
  }
}
