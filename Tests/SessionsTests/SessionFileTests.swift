import Events
import Files
import Foundation
import Sessions
import TestSupport
import Testing

struct SessionFileTests {
  private let short: [Record]
  private let long: [Record]

  init() {
    var generator = SeededGenerator(seed: 1)
    short = Record.conversation(id: "a", turnCount: 1, using: &generator)
    long = Record.conversation(id: "b", turnCount: 40, using: &generator)
  }

  @Test func `what was saved loads as it was`() throws {
    let folder = try TemporaryFolder()
    try SessionFile.save(long, to: OutputFile(folder.file("chat.jsonl"), replaces: true))
    #expect(try SessionFile.load(folder.file("chat.jsonl")).records == long)
    try SessionFile.save(short, to: OutputFile(folder.file("chat.jsonl"), replaces: true))
    #expect(try SessionFile.load(folder.file("chat.jsonl")).records == short)
    #expect(folder.names == ["chat.jsonl"])
  }

  @Test(.enabled(if: SmallDisk.isPossible, "\(SmallDisk.missing)"))
  func `on a full disk the older record is intact and nothing is left behind`() throws {
    let disk = try SmallDisk(kilobytes: 16)
    let path = disk.folder.file("chat.jsonl")
    try SessionFile.save(short, to: OutputFile(path, replaces: true))
    let error = #expect(throws: SessionError.self) {
      try SessionFile.save(long, to: OutputFile(path, replaces: true))
    }
    #expect(error?.code == .full)
    #expect(error?.path == path)
    #expect(try SessionFile.load(path).records == short)
    #expect(disk.folder.names == ["chat.jsonl"])
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "no /dev/full here"))
  func `a device that takes nothing is named, and stays a device`() throws {
    let error = #expect(throws: SessionError.self) {
      try SessionFile.save(short, to: OutputFile("/dev/full", replaces: true))
    }
    #expect(error?.code == .full)
    #expect(error?.description.hasPrefix("/dev/full: ") == true)
    let type = try FileManager.default.attributesOfItem(atPath: "/dev/full")[.type]
    #expect(type as? FileAttributeType == .typeCharacterSpecial)
  }

  @Test func `a folder, a missing folder and a file in the way are told apart`() throws {
    let folder = try TemporaryFolder()
    try SessionFile.save(short, to: OutputFile(folder.file("chat.jsonl"), replaces: true))
    for (path, code) in [
      (folder.path, SessionError.Code.place),
      (folder.file("no/such/chat.jsonl"), .missing),
      (folder.file("chat.jsonl/below"), .place),
    ] {
      let error = #expect(throws: SessionError.self) {
        try SessionFile.save(short, to: OutputFile(path, replaces: true))
      }
      #expect(error?.code == code)
      #expect(error?.path == path)
      #expect(throws: SessionError.self) { try SessionFile.load(path) }
    }
    #expect(folder.names == ["chat.jsonl"])
  }

  @Test(.enabled(if: getuid() != 0 || SmallDisk.isPossible, "\(SmallDisk.missing)"))
  func `a folder that may not be written is named`() throws {
    // Root may write everywhere but on a disk that is read only.
    let disk = getuid() == 0 ? try SmallDisk(kilobytes: 16) : nil
    let folder = try disk?.folder ?? TemporaryFolder()
    if let disk { try disk.makeReadOnly() } else { try Self.setMode(0o500, of: folder) }
    defer { if disk == nil { try? Self.setMode(0o700, of: folder) } }
    let error = #expect(throws: SessionError.self) {
      try SessionFile.save(short, to: OutputFile(folder.file("chat.jsonl"), replaces: true))
    }
    #expect(error?.code == .denied)
    withExtendedLifetime(disk) {}
  }

  private static func setMode(_ mode: Int, of folder: TemporaryFolder) throws {
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: folder.path)
  }

  @Test func `a link is followed and the mode of an older file is kept`() throws {
    let folder = try TemporaryFolder()
    let manager = FileManager.default
    try SessionFile.save(short, to: OutputFile(folder.file("real.jsonl"), replaces: true))
    try manager.setAttributes([.posixPermissions: 0o600], ofItemAtPath: folder.file("real.jsonl"))
    try manager.createSymbolicLink(
      atPath: folder.file("link.jsonl"), withDestinationPath: folder.file("real.jsonl"))
    try SessionFile.save(long, to: OutputFile(folder.file("link.jsonl"), replaces: true))
    #expect(try SessionFile.load(folder.file("real.jsonl")).records == long)
    #expect(
      try manager.destinationOfSymbolicLink(atPath: folder.file("link.jsonl"))
        == folder.file("real.jsonl"))
    let mode = try manager.attributesOfItem(atPath: folder.file("real.jsonl"))[.posixPermissions]
    #expect((mode as? NSNumber)?.intValue == 0o600)
  }

  @Test func `a file that is no record names its line`() throws {
    let folder = try TemporaryFolder()
    try SessionFile.save(short, to: OutputFile(folder.file("chat.jsonl"), replaces: true))
    var data = try Data(contentsOf: URL(filePath: folder.file("chat.jsonl")))
    data.append(Data("{\"v\":1,\"type\":\"turn\"}\n".utf8))
    try data.write(to: URL(filePath: folder.file("bad.jsonl")))
    let error = #expect(throws: SessionError.self) {
      try SessionFile.load(folder.file("bad.jsonl"))
    }
    #expect(error?.code == .corrupt)
    #expect(error?.reason.contains("line \(short.count + 1) ") == true)

    let missing = #expect(throws: SessionError.self) {
      try SessionFile.load(folder.file("none.jsonl"))
    }
    #expect(missing?.code == .missing)
  }
}
