import Foundation
import TestSupport
import Testing

/// Settings of variables and the config file, as the program takes them.
@Suite(.enabled(if: BuiltProgram.path != nil, "the program was not built beside the tests"))
struct ConfigCommandTests {
  /// Runs the program with a config file that says `config` and nothing else of this person's.
  private static func run(
    _ arguments: [String], config: String? = nil, _ variables: [String: String] = [:],
    input: String = ""
  ) throws -> BuiltProgram.Result {
    let home = try TemporaryFolder()
    defer { withExtendedLifetime(home) {} }
    if let config {
      try FileManager.default.createDirectory(
        atPath: home.file("fathom"), withIntermediateDirectories: true)
      try Data(config.utf8).write(to: URL(filePath: home.file("fathom/config.toml")))
    }
    var own = ["XDG_CONFIG_HOME": home.path, "XDG_DATA_HOME": home.path, "FATHOM_MODEL": ""]
    own["XDG_STATE_HOME"] = home.path
    own.merge(variables) { $1 }
    return try BuiltProgram.run(arguments, variables: own, input: input)
  }

  /// The value that `config show` has for a key of `fathom COMMAND`.
  private static func value(
    _ key: String, of command: [String], config: String?, _ variables: [String: String] = [:]
  ) throws -> String? {
    let result = try run(
      ["config", "show", "--origin"] + command, config: config, variables)
    #expect(result.status == 0, "\(result.errors)")
    let line = result.output.split(separator: "\n").first { $0.hasPrefix("\(key) = ") }
    return line.map { String($0.dropFirst(key.count + 3)) }
  }

  @Test func `the value of an option comes from a variable, the file or the default`() throws {
    let config = "temp = 0.25\n[run]\nthreads = 2\n"
    #expect(try Self.value("temp", of: ["chat"], config: nil) == "0.0  # default")
    let filed = try #require(try Self.value("temp", of: ["chat"], config: config))
    #expect(filed.hasPrefix("0.25  # ") && filed.hasSuffix("config.toml:1"))
    let variables = ["FATHOM_TEMP": "0.5"]
    #expect(
      try Self.value("temp", of: ["chat"], config: config, variables) == "0.5  # FATHOM_TEMP")
    #expect(try Self.value("threads", of: ["chat"], config: config) == nil)
    #expect(try Self.value("threads", of: ["run"], config: config)?.hasPrefix("2  # ") == true)
  }

  @Test func `what is set is shown as TOML that sets the same`() throws {
    let config = "system-prompt = \"a \\\"b\\\"\"\n[tune.exits]\nsteps = 7\n[chat]\nplain = true\n"
    let shown = try Self.run(["config", "show"], config: config).output
    #expect(shown.contains("[tune.exits]\nsteps = 7") && shown.contains("[chat]\nplain = true"))
    #expect(try Self.run(["config"], config: shown).output == shown)
  }

  /// A command that needs nothing tells what it was given: `--predict` of `bench` is no option of it.
  @Test(
    arguments: [
      (["-c", "5"], [:], nil, "must be between 16 and"),
      ([], ["FATHOM_CTX_SIZE": "5"], nil, "FATHOM_CTX_SIZE: --ctx-size must be between 16 and"),
      ([], ["FATHOM_CTX_SIZE": "many"], nil, "FATHOM_CTX_SIZE: The value 'many' is invalid"),
      ([], [:], "ctx-size = 5", "config.toml:1: --ctx-size must be between"),
      ([], [:], "[run]\n\nctx-sise = 5", "config.toml:3: run.ctx-sise"),
      ([], [:], "ctx-size 5", "config.toml:1: not TOML"),
      ([], ["FATHOM_RAW": "maybe"], nil, "FATHOM_RAW: \"maybe\" is neither true nor false"),
    ] as [([String], [String: String], String?, String)])
  func `what makes no sense is named with its place`(
    arguments: [String], variables: [String: String], config: String?, words: String
  ) throws {
    let result = try Self.run(
      ["run", "-p", "x", "-m", "/nowhere.gguf"] + arguments, config: config, variables)
    #expect(result.errors.contains(words), "\(result.errors)")
    #expect(result.status == (arguments.isEmpty ? 78 : 64))
  }

  @Test func `a person's own argument goes before what contradicts it`() throws {
    // Both would be "Name the model once", and sinks without a window "has no meaning here".
    let variables = ["FATHOM_MODEL": "/one.gguf", "FATHOM_SINKS": "4"]
    let result = try Self.run(["prune", "/two.gguf"], variables)
    #expect(result.status == 66 && result.errors.contains("/two.gguf"), "\(result.errors)")
    let window = try Self.run(["run", "-p", "x", "--window", "off"], variables)
    #expect(window.status == 66 && window.errors.contains("/one.gguf"), "\(window.errors)")
  }

  @Test func `a flag of the file is taken back behind the command`() throws {
    let home = try TemporaryFolder()
    _ = try TinyHome(folder: home.path)
    func output(_ arguments: [String], _ config: String) throws -> String {
      let run = ["run", "-p", "x", "-n", "3", "-t", "1", "-m", home.file("tiny.gguf")]
      return try Self.run(run + arguments, config: config).output
    }
    #expect(try output([], "[run]\njson = true").hasPrefix("{"))
    #expect(try !output(["--no-json"], "[run]\njson = true").hasPrefix("{"))
    #expect(try output(["--json"], "").hasPrefix("{"))
    #expect(
      try output([], "system-prompt = \"-dash\"\n[run]\njson = true").contains("-dash"),
      "a value may begin with a dash")
  }

  @Test(arguments: [
    ["--help"], ["help", "chat"], ["chat", "--help"], ["--version"], ["config", "path"],
  ])
  func `help and what shows the settings work whatever they say`(arguments: [String]) throws {
    #expect(try Self.run(arguments, config: "nonsense", ["FATHOM_TEMP": "hot"]).status == 0)
  }

  @Test func `FATHOM_CONFIG names another file, which has to be there, or none`() throws {
    let named = try Self.run(["config"], config: "temp = 1", ["FATHOM_CONFIG": "/nowhere.toml"])
    #expect(named.status == 78 && named.errors.contains("/nowhere.toml"))
    let none = try Self.run(["config"], config: "nonsense", ["FATHOM_CONFIG": ""])
    #expect(none.status == 0 && none.output.isEmpty)
  }

  @Test func `every option of every command has a variable of its own`() throws {
    let shown = try Self.run(["config", "show", "tune", "exits"], config: nil).output
    #expect(shown.contains("steps = 1000") && shown.contains("held-out = 0.03"))
    let result = try Self.run(["tune", "exits"], ["FATHOM_STEPS": "0", "FATHOM_TUNE_DATA": "/x"])
    #expect(result.status == 78 && result.errors.contains("FATHOM_STEPS"), "\(result.errors)")
  }
}
