import Files
import Foundation
import Shell
import Testing

/// What variables and the file say of a command's options.
struct SettingTests {
  private static let chat = [
    OptionShape(.option, ["model"], short: ["m"]), OptionShape(.option, ["hf"], short: ["hf"]),
    OptionShape(.option, ["temp", "temperature"]), OptionShape(.option, ["budget"]),
    OptionShape(.flag, ["plain"]), OptionShape(.flag, ["no-history"]),
    OptionShape(.option, ["system-prompt"], short: ["sys"]), OptionShape(.flag, ["help"]),
    OptionShape(.option, ["data"], isRepeating: true, takesSeveral: true),
  ]
  private static let tree = CommandTree(
    "fathom",
    children: [
      CommandTree("chat") { chat },
      CommandTree("calibrate") {
        [OptionShape(.flag, ["budget"]), OptionShape(.option, ["risk"])]
      },
      CommandTree(
        "tune",
        children: [CommandTree("exits") { [OptionShape(.option, ["steps"])] }]
      ) { [] },
    ], defaultChild: "chat"
  ) { [] }

  private static func settings(
    _ file: String = "", _ environment: [String: String] = [:], of command: [String] = ["chat"],
    given: Set<String> = []
  ) throws -> [String: String] {
    let file = try ConfigFile(path: "c.toml", text: file)
    try file.check(against: tree)
    let sources = SettingSources(tree: tree, environment: environment, file: file)
    let found = try sources.settings(for: tree.commands(in: command).path, given: given)
    return Dictionary(
      uniqueKeysWithValues: found.map { ($0.key, $0.arguments.joined(separator: " ")) })
  }

  @Test func `what is given goes before a variable, a variable before the file`() throws {
    let file = "temp = 0.5"
    #expect(try Self.settings(file) == ["temp": "--temp=0.5"])
    #expect(try Self.settings(file, ["FATHOM_TEMP": "0.7"]) == ["temp": "--temp=0.7"])
    #expect(try Self.settings(file, ["FATHOM_TEMP": ""]) == ["temp": "--temp=0.5"])
    #expect(try Self.settings(file, ["FATHOM_TEMP": "0.7"], given: ["temp"]).isEmpty)
  }

  @Test func `what is said of one command goes before what is said of all`() throws {
    #expect(try Self.settings("temp = 1\n[chat]\ntemp = 2") == ["temp": "--temp=2"])
    let both = ["FATHOM_TEMP": "3", "FATHOM_CHAT_TEMP": "4"]
    #expect(try Self.settings("temp = 1", both) == ["temp": "--temp=4"])
    #expect(
      try Self.settings("[tune]\nsteps = 1", of: ["tune", "exits"]) == ["steps": "--steps=1"])
    #expect(
      try Self.settings(
        "[tune.exits]\nsteps = 2", ["FATHOM_TUNE_EXITS_STEPS": "3"], of: ["tune", "exits"])
        == ["steps": "--steps=3"])
    #expect(try Self.settings("[calibrate]\nrisk = 0.1").isEmpty)
  }

  @Test func `every long name of an option is a key and a variable`() throws {
    #expect(try Self.settings("temperature = 1") == ["temp": "--temp=1"])
    #expect(try Self.settings("", ["FATHOM_TEMPERATURE": "1"]) == ["temp": "--temp=1"])
  }

  @Test func `a flag stands where it is true, and false takes back what a lower source says`()
    throws
  {
    #expect(try Self.settings("plain = true") == ["plain": "--plain"])
    #expect(try Self.settings("plain = true", ["FATHOM_PLAIN": "0"]) == ["plain": ""])
  }

  @Test func `an option that may be given several times takes a list`() throws {
    #expect(try Self.settings("data = [\"a\", \"b\"]") == ["data": "--data=a --data=b"])
    #expect(try Self.settings("", ["FATHOM_DATA": "a"]).isEmpty, "the tests' own variable")
    #expect(try Self.settings("", ["FATHOM_CHAT_DATA": "a\nb"]) == ["data": "--data=a --data=b"])
    #expect(try Self.settings("budget = [1, 2]") == ["budget": "--budget=1,2"])
  }

  @Test func `a value of the other kind is meant for the command that has it`() throws {
    #expect(try Self.settings("budget = \"80%\"", of: ["calibrate"]).isEmpty)
    #expect(try Self.settings("budget = true").isEmpty)
    #expect(try Self.settings("", ["FATHOM_BUDGET": "80%"], of: ["calibrate"]).isEmpty)
    #expect(throws: SettingError.self) {
      try Self.settings("[calibrate]\nbudget = \"80%\"", of: ["calibrate"])
    }
  }

  @Test func `what excludes something that goes before is left out`() throws {
    #expect(try Self.settings("model = \"a\"", given: ["hf"]).isEmpty)
    #expect(try Self.settings("model = \"a\"", ["FATHOM_HF": "b/c"]) == ["hf": "--hf=b/c"])
  }

  @Test(arguments: [
    ("\n\ntmep = 1", ["c.toml:3", "tmep", "Did you mean temp?"]),
    ("[chta]\ntemp = 1", ["c.toml:2", "no command chta", "Did you mean chat?"]),
    ("[calibrate]\ntemp = 1", ["c.toml:2", "calibrate.temp", "calibrate has no option"]),
    ("help = true", ["c.toml:1", "help"]),
    ("plain = 1", ["c.toml:1", "plain = 1", "true or false"]),
    ("temp = true", ["c.toml:1", "temp = true", "a text in quotation marks"]),
    ("temp = 1979-05-27", ["c.toml:1", "temp = 1979-05-27"]),
    ("temp = 1\ntemperature = 2", ["c.toml:2", "line 1 says it already"]),
    ("temp = ", ["c.toml:1", "not TOML"]), ("temp = 1\ntemp = 2", ["c.toml:2", "twice"]),
    ("[[chat]]", ["c.toml:1"]), ("temp = {a = 1}", ["c.toml:1"]),
  ])
  func `an error names the file, the line and the key`(text: String, parts: [String]) throws {
    let error = #expect(throws: SettingError.self) { try Self.settings(text) }
    for part in parts {
      #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
    }
  }

  @Test func `an error names the variable`() throws {
    let error = #expect(throws: SettingError.self) {
      try Self.settings("", ["FATHOM_PLAIN": "perhaps"])
    }
    #expect(error?.description.hasPrefix("FATHOM_PLAIN: \"perhaps\"") == true)
  }

  @Test func `what is given is found among values that look alike`() {
    let given = GivenArguments(
      ["-m", "--plain", "-sys", "--temp", "--data", "a", "b", "--no-plain", "--", "--hf"],
      options: Self.chat)
    #expect(given.keys == ["model", "system-prompt", "data", "plain"])
    #expect(
      given.arguments == ["-m", "--plain", "-sys", "--temp", "--data", "a", "b", "--", "--hf"])
    let history = GivenArguments(["--history", "--temperature=1"], options: Self.chat)
    #expect(history.keys == ["no-history", "temp"] && history.arguments == ["--temperature=1"])
    let own = GivenArguments(["--no-history", "--no-such"], options: Self.chat)
    #expect(own.keys == ["no-history"] && own.arguments == ["--no-history", "--no-such"])
  }

  @Test func `the command is found by its names, the default one where none is`() {
    let found = Self.tree.commands(in: ["tune", "exits", "chat"])
    #expect(found.path.map(\.name) == ["tune", "exits"] && found.count == 2)
    let usual = Self.tree.commands(in: ["--plain"])
    #expect(usual.path.map(\.name) == ["chat"] && usual.count == 0)
  }

  @Test func `the words of a setting are TOML that says the same`() throws {
    for words in [["a \"b\" \\ \n c"], ["1"], ["a", "0.5"], ["-"]] {
      let setting = Setting("data", .words(words), from: .variable("V"))
      #expect(
        try Self.settings("data = \(setting.words)") == [
          "data": words.map { "--data=\($0)" }.joined(separator: " ")
        ])
    }
  }
}
