import Events
import Foundation
import Sessions
import TestSupport
import Testing

/// Conversations that are kept, from the shell.
@Suite(.needsProgram)
struct SessionsCommandTests {
  private let home: TemporaryFolder

  init() throws {
    home = try TemporaryFolder()
    try Data(TinyModel(seed: 4).bytes()).write(to: URL(filePath: home.file("tiny.gguf")))
  }

  private func fathom(_ arguments: [String], input: String = "") throws -> BuiltProgram.Result {
    try BuiltProgram.run(
      arguments, variables: ["XDG_DATA_HOME": home.path, "XDG_STATE_HOME": home.path], input: input)
  }

  /// A conversation in lines of text in which these things are said.
  @discardableResult
  private func chat(_ flags: [String] = [], _ lines: String...) throws -> BuiltProgram.Result {
    try fathom(
      ["--plain", "-m", home.file("tiny.gguf"), "-n", "4"] + flags,
      input: lines.map { $0 + "\n" }.joined())
  }

  private func sessions(_ arguments: String...) throws -> BuiltProgram.Result {
    try fathom(["sessions"] + arguments)
  }

  private var store: SessionStore {
    get throws { try SessionStore(path: home.file("fathom/sessions.sqlite")) }
  }

  @Test func `without conversations there are words, and no file is made`() throws {
    let list = try sessions()
    #expect(list.status == 0 && list.output.isEmpty && list.errors.contains("no conversation"))
    #expect(try sessions("list", "--json").output == "[\n\n]\n")
    #expect(try sessions("show", "last").status == 66)
    #expect(try chat(["--continue"]).status == 66)
    #expect(!FileManager.default.fileExists(atPath: home.file("fathom/sessions.sqlite")))
  }

  @Test func `they are listed, found, named, shown, written and deleted`() throws {
    try chat([], "the cat sat")
    try chat([], "a dog ran", "and then?")
    let ids = try store.list().map(\.id)
    let list = try sessions("list").output
    #expect(list.contains(ids[0].prefix(8)) && list.contains("the cat sat"))
    #expect(try sessions("list", "--limit", "1").errors.contains("1 of 2"))
    #expect(try sessions("search", "DOG", "then").output.contains(ids[0].prefix(8)))
    #expect(try sessions("search", "\"*").errors.contains("nobody said that"))
    #expect(try sessions("rename", String(ids[1].prefix(12)), "Felines").status == 0)
    let json = try sessions("search", "feline", "--json").output
    #expect(json.contains("\"title\" : \"Felines\"") && json.contains("\"answers\" : 1"))
    let shown = try sessions("show", ids[0])
    #expect(shown.output.contains("You: a dog ran") && shown.output.contains("You: and then?"))

    let file = home.file("talk.jsonl")
    #expect(try sessions("export", ids[0], file).status == 0)
    #expect(try SessionFile.load(file).records == store.records(of: ids[0]))
    #expect(try sessions("export", ids[0], file).status == 73)
    #expect(try sessions("export", ids[0], file, "--force").status == 0)
    #expect(try sessions("export", ids[0], home.file("fathom/sessions.sqlite")).status == 64)
    #expect(try sessions("export", ids[0], home.file("talk.doc")).status == 64)
    let piped = try sessions("export", ids[1], "-", "--format", "md").output
    #expect(piped.hasPrefix("# Felines") && piped.contains("## You\n\nthe cat sat"))
    #expect(
      try sessions("export", ids[1], "-").output
        == String(decoding: store.lines(of: ids[1]), as: UTF8.self))

    #expect(try sessions("delete", ids[0]).status == 1)
    #expect(try sessions("delete", ids[0], "nobody", "--yes").status == 66)
    #expect(try store.list().count == 2)
    #expect(try sessions("delete", ids[0], "--yes").errors.contains("a dog ran"))
    #expect(try store.list().map(\.title) == ["Felines"])
  }

  @Test func `the last one or any other goes on, with all that was said`() throws {
    try chat([], "the cat sat")
    try chat([], "a dog ran")
    let ids = try store.list().map(\.id)
    let goesOn = try chat(
      ["--continue"], "and then?", "/sessions", "/resume \(ids[1].prefix(6))", "more")
    #expect(goesOn.status == 0)
    for text in [
      "You: a dog ran", "Opened \"a dog ran\"", "You: the cat sat", String(ids[1].prefix(8)),
    ] {
      #expect(goesOn.output.contains(text), "\(goesOn.output)")
    }
    #expect(try store.list().map(\.id) == [ids[1], ids[0]])
    #expect(try store.list().map(\.turnCount) == [2, 2])
    let other = try chat(["--resume", ids[0]], "again")
    #expect(other.status == 0)
    #expect(try store.list().map(\.turnCount) == [3, 2])
    #expect(try chat(["--resume", "nobody"]).status == 66)
    #expect(try chat(["--resume", ids[0], "--continue"]).status == 64)
    #expect(try chat(["--no-history", "--continue"]).status == 64)
  }

  @Test func `a limit that is reached is said, and nothing is lost that was kept`() throws {
    try chat([], "the cat sat")
    let before = try store.list()
    let full = try chat(["--sessions-limit", "1k"], "a dog ran")
    #expect(full.status == 0 && (full.output + full.errors).contains("--sessions-limit"))
    #expect(try store.list() == before)
    #expect(try chat(["--sessions-limit", "much"]).status == 64)
  }
}

/// A conversation of yesterday goes on, in a terminal.
@Suite(
  .serialized, .enabled(if: TmuxTerminal.isThere, "no tmux"), .needsProgram)
struct ResumeInTerminalTests {
  @Test func `the first screen offers it, a digit opens it, and the list finds, names and deletes`()
    async throws
  {
    let home = try TemporaryFolder()
    try Data(TinyModel(seed: 4).bytes()).write(to: URL(filePath: home.file("tiny.gguf")))
    let variables = ["XDG_DATA_HOME": home.file("data"), "XDG_STATE_HOME": home.file("state")]
    for text in ["why is the sky blue", "the cat sat"] {
      _ = try BuiltProgram.run(
        ["--plain", "-m", home.file("tiny.gguf"), "-n", "4"], variables: variables,
        input: text + "\n")
    }
    let program = try #require(BuiltProgram.path)
    try await TmuxTerminal.withShell(columns: 100, rows: 30, folder: home.path) { terminal in
      try await terminal.wait(for: TmuxTerminal.prompt)
      try await terminal.type("\(program) -m tiny.gguf -n 4; echo left $?")
      try await terminal.wait(for: "Go on with", "2  Today", "why is the sky blue", "all 2")
      try await terminal.type("2", enter: false)
      try await terminal.wait(for: "You", "Opened \"why is the sky blue\"")
      try await terminal.type("and at night?")
      try await terminal.wait(for: "and at night?", "Enter send")
      try await terminal.type("/sessions cat")
      try await terminal.wait(for: "CONVERSATIONS", "search: cat", "the cat sat", "1 answer")
      try await terminal.type("r", enter: false)
      try await terminal.press("C-u")
      try await terminal.type("Felines and cats")
      try await terminal.wait(for: "> Today", "Felines and cats")
      try await terminal.type("d", enter: false)
      try await terminal.wait(for: "for good?")
      try await terminal.type("y", enter: false)
      try await terminal.wait(for: "nobody said that")
      try await terminal.press("Escape")
      try await terminal.wait(for: "why is the sky blue", "2 answers")
      try await terminal.press("Escape")
      try await terminal.wait(for: "and at night?", "Enter send")
      try await terminal.press("C-d")
      try await terminal.wait(for: "left 0")
    }
    let store = try SessionStore(path: home.file("data/fathom/sessions.sqlite"))
    #expect(try store.list().map(\.turnCount) == [2])
  }
}
