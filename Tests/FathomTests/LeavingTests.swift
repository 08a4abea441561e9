import Events
import Foundation
import GRDB
import Screen
import Sessions
import TestSupport
import Testing

/// However a chat ends, what was shown is kept.
@Suite(.serialized, .needsProgram)
struct LeavingTests {
  /// A conversation in lines of text with a tiny model, which goes on until it is told to end.
  private final class PlainChat {
    private let home: TemporaryFolder
    private let process: ChildProcess
    private let input: FileHandle

    /// A conversation with the model in the file `model`, or else with a tiny one.
    init(in home: TemporaryFolder, model: String? = nil, _ arguments: [String] = []) throws {
      self.home = home
      for name in ["output", "errors"] { try Data().write(to: URL(filePath: home.file(name))) }
      unlink(home.file("input"))
      mkfifo(home.file("input"), 0o600)
      // Held at both ends, so that neither side waits for the other.
      let descriptor = open(home.file("input"), O_RDWR)
      input = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
      if !FileManager.default.fileExists(atPath: home.file("tiny.gguf")) {
        try Data(TinyModel(seed: 4).bytes()).write(to: URL(filePath: home.file("tiny.gguf")))
      }
      let variables = ["XDG_DATA_HOME": home.path, "XDG_STATE_HOME": home.path]
      process = try ChildProcess(
        try #require(BuiltProgram.path),
        ["chat", "--plain", "-m", model ?? home.file("tiny.gguf"), "--temp", "0.8"] + arguments,
        environment: ProcessInfo.processInfo.environment.merging(variables) { $1 },
        files: ["input", "output", "errors"].map(home.file))
    }

    func type(_ line: String) { input.write(Data((line + "\n").utf8)) }

    func send(_ signal: Int32) { process.send(signal) }

    func wait() throws -> Int32 { try process.wait() }

    var shown: String {
      get throws {
        String(decoding: try Data(contentsOf: URL(filePath: home.file("output"))), as: UTF8.self)
      }
    }

    func wait(for text: String) async throws {
      let end = ContinuousClock().now + .seconds(30)
      while try !shown.contains(text), ContinuousClock().now < end {
        try await Task.sleep(for: .milliseconds(20))
      }
      let all = try shown
      #expect(all.contains(text), "\(all.suffix(500))")
    }
  }

  private func store(in home: TemporaryFolder) throws -> SessionStore {
    try SessionStore(path: home.file("fathom/sessions.sqlite"))
  }

  /// What the records look like in lines of text.
  private func rendered(_ records: [Events.Record]) -> String {
    var renderer = PlainRenderer(wayOn: EndRecord.wayOn)
    return records.map { renderer.text(for: $0) }.joined()
  }

  private static let rounds =
    ProcessInfo.processInfo.environment["FATHOM_KILLS"].flatMap(Int.init) ?? 20

  @Test(.needsModel)
  func `a program that is killed at any moment has kept what was shown before`()
    async throws
  {
    let home = try TemporaryFolder()
    var generator = SeededGenerator(seed: 9)
    for round in 1...Self.rounds {
      let chat = try PlainChat(in: home, model: SharedData.model)
      chat.type("question \(round): write a very long story")
      while try chat.shown.count(where: { $0 == "\n" }) < 1 {
        try await Task.sleep(for: .milliseconds(5))
      }
      try await Task.sleep(for: .milliseconds(Int.random(in: 0...900, using: &generator)))
      let shown = try chat.shown
      try await Task.sleep(for: .milliseconds(250))
      chat.send(SIGKILL)
      #expect(try chat.wait() == 128 + SIGKILL)
      let store = try store(in: home)
      let records = try store.records(of: "last")
      let text = rendered(records)
      #expect(text.hasPrefix(shown), "round \(round): \(shown.count) shown, \(text.count) kept")
      #expect(try store.list().first?.title.hasPrefix("question \(round):") == true)
      store.close()
    }
    let database = try await DatabaseQueue(path: home.file("fathom/sessions.sqlite")).read {
      try String.fetchAll($0, sql: "PRAGMA integrity_check")
    }
    #expect(database == ["ok"])
    #expect(try store(in: home).list(limit: 1000).count == Self.rounds)
  }

  @Test(.needsModel)
  func `a conversation that goes on and is killed has all of before and the new question`()
    async throws
  {
    let home = try TemporaryFolder()
    var generator = SeededGenerator(seed: 10)
    let first = try PlainChat(in: home, model: SharedData.model, ["-n", "8"])
    first.type("Hello.")
    first.type("/quit")
    #expect(try first.wait() == 0)
    var before = try store(in: home).records(of: "last")
    for round in 1...max(3, Self.rounds / 4) {
      let chat = try PlainChat(in: home, model: SharedData.model, ["--continue"])
      try await chat.wait(for: "Opened ")
      chat.type("question \(round): write a very long story")
      let end = ContinuousClock().now + .seconds(30)
      while try chat.shown.components(separatedBy: "Opened ").last?.contains("Model: ") == false,
        ContinuousClock().now < end
      {
        try await Task.sleep(for: .milliseconds(5))
      }
      try await Task.sleep(for: .milliseconds(Int.random(in: 0...600, using: &generator)))
      chat.send(SIGKILL)
      #expect(try chat.wait() == 128 + SIGKILL)
      let records = try store(in: home).records(of: "last")
      #expect(Array(records.prefix(before.count)) == before && records.count > before.count)
      let questions = records.dropFirst(before.count).compactMap {
        if case .turn(let turn) = $0, turn.role == .user { turn.text } else { nil }
      }
      #expect(questions == ["question \(round): write a very long story"])
      before = records
    }
    #expect(try store(in: home).list().count == 1)
  }

  @Test(arguments: [SIGTERM, SIGHUP])
  func `a signal ends a chat that waits for input, and nothing is kept where nothing was said`(
    signal: Int32
  ) async throws {
    let home = try TemporaryFolder()
    let chat = try PlainChat(in: home)
    chat.type("/stats")
    try await chat.wait(for: "TEXT")
    chat.send(signal)
    #expect(try chat.wait() == 128 + signal)
    #expect(try store(in: home).list().isEmpty)
  }

  @Test(.needsModel, arguments: [SIGTERM, SIGHUP])
  func `a signal ends an answer, which is kept with its end`(signal: Int32) async throws {
    let home = try TemporaryFolder()
    let chat = try PlainChat(in: home, model: SharedData.model)
    chat.type("Write a very long story of a lighthouse.")
    try await chat.wait(for: "lighthouse")
    chat.send(signal)
    #expect(try chat.wait() == 128 + signal)
    let names = try FileManager.default.contentsOfDirectory(atPath: home.file("fathom"))
    #expect(names.filter { $0.hasPrefix("sessions") } == ["sessions.sqlite"])
    guard case .end(let end)? = try store(in: home).records(of: "last").last else {
      Issue.record("the answer has no end")
      return
    }
    #expect(end.reason == .interrupt)
  }

  @Test
  func `a pipe that nobody reads holds up no conversation, and is written when somebody does`()
    async throws
  {
    let home = try TemporaryFolder()
    let chat = try PlainChat(in: home, ["-n", "8"])
    chat.type("the cat")
    mkfifo(home.file("pipe"), 0o600)
    chat.type("/save \(home.file("pipe"))")
    chat.type("/nonsense")
    try await chat.wait(for: "/nonsense")
    try await chat.wait(for: "has not taken the records yet")
    let data = try FileHandle(forReadingFrom: URL(filePath: home.file("pipe"))).readToEnd()
    #expect(try EventLog.records(in: data ?? Data()).count > 3)
    try await chat.wait(for: "Saved ")
    chat.type("/quit")
    #expect(try chat.wait() == 0)
  }
}
