import Files
import Foundation
import TestSupport
import Testing

/// `fathom doctor` and the log.
@Suite(.enabled(if: BuiltProgram.path != nil, "the program was not built beside the tests"))
struct DoctorTests {
  private static func doctor(
    _ folder: TemporaryFolder, _ variables: [String: String] = [:], json: Bool = false
  ) throws -> BuiltProgram.Result {
    let own = [
      "XDG_CONFIG_HOME": folder.path, "XDG_DATA_HOME": folder.path, "FATHOM_MODEL": "",
      "XDG_STATE_HOME": folder.path, "LC_ALL": "C.UTF-8", "FATHOM_SIMD": "",
    ]
    return try BuiltProgram.run(
      ["doctor"] + (json ? ["--json"] : []), variables: own.merging(variables) { $1 })
  }

  @Test func `a machine without a model is told to fetch it, and nothing fails`() throws {
    let result = try Self.doctor(try TemporaryFolder())
    #expect(result.status == 0, "\(result.output)")
    for part in [
      "ok    program", "UTF-8", "warn  default model", "> Fetch it: fathom pull", "ok    disk",
    ] {
      #expect(result.output.contains(part), "\(part) is not in \(result.output)")
    }
  }

  @Test func `what will not work gives 3 and says what to do`() throws {
    let folder = try TemporaryFolder()
    let result = try Self.doctor(folder, ["FATHOM_SIMD": "mmx", "FATHOM_CTXSIZE": "5"])
    #expect(result.status == 3)
    #expect(result.output.contains("FATHOM_SIMD is mmx") && result.output.contains("scalar"))
    #expect(result.output.contains("Did you mean FATHOM_CTX_SIZE?"))
    try FileManager.default.createDirectory(
      atPath: folder.file("fathom"), withIntermediateDirectories: true)
    try Data("tmep = 1".utf8).write(to: URL(filePath: folder.file("fathom/config.toml")))
    let config = try Self.doctor(folder)
    #expect(config.status == 3 && config.output.contains("config.toml:1: tmep"))
    try Data("theme = \"pink\"".utf8).write(to: URL(filePath: folder.file("fathom/config.toml")))
    #expect(try Self.doctor(folder).output.contains("fail  theme"))
  }

  @Test func `conversations that others may read, or that are none, are found`() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("fathom/sessions.sqlite")
    try PrivateFile.make(path)
    try Data("SQLite format 3\0".utf8).write(to: URL(filePath: path))
    chmod(path, 0o644)
    #expect(try Self.doctor(folder).output.contains("> chmod 600 \(path)"))
    try Data("something else, and more".utf8).write(to: URL(filePath: path))
    let result = try Self.doctor(folder)
    #expect(result.status == 3 && result.output.contains("is no database"))
  }

  @Test func `the same is there for programs`() throws {
    struct Row: Decodable {
      var level: String
      var subject: String
      var words: String
      var remedy: String?
    }
    let result = try Self.doctor(try TemporaryFolder(), json: true)
    let rows = try JSONDecoder().decode([Row].self, from: Data(result.output.utf8))
    #expect(rows.contains { $0.subject == "kernels" && $0.level == "ok" })
    #expect(rows.allSatisfy { ($0.level == "ok") == ($0.remedy == nil) && !$0.words.isEmpty })
  }

  @Test(arguments: [false, true])
  func `the log says what ran and what failed, and what was said only where that is asked for`(
    holdsText: Bool
  ) throws {
    let folder = try TemporaryFolder()
    let home = try TinyHome(folder: folder.path)
    let log = home.file("x.log")
    let arguments =
      ["-p", "a secret word", "--log-file", log] + (holdsText ? ["--log-text"] : [])
    #expect(try home.run(["run"], arguments).status == 0)
    let failed = try home.run(["run"], ["-p", "x", "--log", log], model: "none.gguf")
    #expect(failed.status == 66)
    let text = try String(contentsOfFile: log, encoding: .utf8)
    let levels = text.split(separator: "\n").map { $0.split(separator: " ")[1] }
    #expect(Set(levels) == ["info", "warn"])
    for part in ["fathom 0.", "session {", "tiny.gguf", "answer 1: ", "none.gguf"] {
      #expect(text.contains(part), "\(part) is not in \(text)")
    }
    #expect(text.contains("secret word") == holdsText)
    #expect(FileIdentity(path: log)?.mode == 0o600)
  }

  @Test func `a conversation's errors and answers are in the log`() throws {
    let folder = try TemporaryFolder()
    let home = try TinyHome(folder: folder.path)
    let result = try home.run(
      ["chat", "--plain", "--no-history"], ["--log-file", home.file("x.log")],
      input: "hello there\n/load nowhere.jsonl\n")
    #expect(result.status == 0)
    let text = try String(contentsOfFile: home.file("x.log"), encoding: .utf8)
    #expect(text.contains("answer 1: ") && text.contains("error") && text.contains("nowhere.jsonl"))
    #expect(!text.contains("hello there"))
  }
}
