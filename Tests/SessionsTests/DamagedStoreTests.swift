import Events
import Foundation
import Sessions
import TestSupport
import Testing

struct DamagedStoreTests {
  @Test func `a file that is no database is named, with what to do, and left as it is`() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("sessions.sqlite")
    let text = Data(String(repeating: "this is a text file. ", count: 500).utf8)
    try text.write(to: URL(filePath: path))
    let error = #expect(throws: SessionError.self) { try SessionStore(path: path) }
    #expect(error?.code == .corrupt)
    #expect(error?.path == path)
    #expect(error?.remedy.contains("mv \(path)") == true)
    #expect(try Data(contentsOf: URL(filePath: path)) == text)
  }

  @Test func `damage inside the file is an error of the session, never a crash`() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("sessions.sqlite")
    var generator = SeededGenerator(seed: 3)
    let records = Record.conversation(id: "a", turnCount: 400, using: &generator)
    do {
      let store = try SessionStore(path: path)
      try Scribe(store).append(records, to: "a")
    }
    let whole = try Data(contentsOf: URL(filePath: path))
    #expect(whole.count > 40_000)
    var outcomes: Set<String> = []
    for round in 0..<12 {
      var damaged = whole
      let start = Int.random(in: 4096..<whole.count - 4096, using: &generator)
      for index in start..<start + 4096 { damaged[index] = UInt8(truncatingIfNeeded: index) }
      let copy = folder.file("damaged-\(round).sqlite")
      try damaged.write(to: URL(filePath: copy))
      do throws(SessionError) {
        let read = try SessionStore(path: copy).records(of: "a")
        outcomes.insert(read == records ? "intact" : "other")
      } catch {
        outcomes.insert("error")
        #expect(error.path == copy)
        #expect(!error.remedy.isEmpty)
      }
    }
    #expect(outcomes.contains("error"))
  }

  @Test func `a folder where the file should be is named`() throws {
    let folder = try TemporaryFolder()
    let error = #expect(throws: SessionError.self) { try SessionStore(path: folder.path) }
    #expect(error?.code == .denied)
    #expect(error?.path == folder.path)
  }

  @Test func `a file where the folder should be is named`() throws {
    let folder = try TemporaryFolder()
    try Data().write(to: URL(filePath: folder.file("data")))
    let error = #expect(throws: SessionError.self) {
      try SessionStore(path: folder.file("data/sessions.sqlite"))
    }
    #expect(error?.path == folder.file("data"))
  }

  @Test(.enabled(if: SmallDisk.isPossible, "\(SmallDisk.missing)"))
  func `on a full disk a turn is stored whole or not at all`() throws {
    let disk = try SmallDisk(kilobytes: 512)
    let store = try SessionStore(path: disk.folder.file("sessions.sqlite"))
    var generator = SeededGenerator(seed: 4)
    let records = Record.conversation(id: "a", turnCount: 2, using: &generator)
    let scribe = Scribe(store)
    try scribe.append(records, to: "a")
    let turn = Array(records.dropFirst())
    var stored = 1
    var failure: SessionError?
    while failure == nil, stored < 2000 {
      do throws(SessionError) {
        try scribe.append(turn, to: "a")
        stored += 1
      } catch {
        failure = error
      }
    }
    #expect(failure?.code == .full)
    #expect(try store.records(of: "a").count == 1 + stored * turn.count)
  }
}
