import Foundation
import TestSupport
import Testing

/// What `make install` writes beside the program: completions and the manual page.
@Suite(.enabled(if: BuiltProgram.path != nil, "the program was not built beside the tests"))
struct InstallationTests {
  private static func has(_ program: String) -> Bool {
    ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":")
      .contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(program)") } ?? false
  }

  /// Runs `script` in a shell, with the completions of that shell in the file `$COMPLETIONS` and the program
  /// found by its name.
  private static func run(
    _ shell: String, _ script: String, in folder: TemporaryFolder
  ) throws -> BuiltProgram.Result {
    let completions = try BuiltProgram.run(["--generate-completion-script", shell]).output
    let name = shell == "zsh" ? "_fathom" : "fathom.\(shell)"
    try Data(completions.utf8).write(to: URL(filePath: folder.file(name)))
    let program = try #require(BuiltProgram.path)
    let path = URL(filePath: program).deletingLastPathComponent().path + ":/usr/bin:/bin"
    return try BuiltProgram.run(
      "/usr/bin/env",
      [
        "PATH=\(path)", "COMPLETIONS=\(folder.file(name))", "XDG_DATA_HOME=\(folder.path)",
        "HOME=\(folder.path)", "FATHOM_MODEL=", shell, "-c", script,
      ])
  }

  private static func bash(_ words: [String], in folder: TemporaryFolder) throws -> [String] {
    let list = words.map { "'\($0)'" }.joined(separator: " ")
    let script = """
      source "$COMPLETIONS" || exit 1
      cd "$HOME"
      COMP_WORDS=(fathom \(list)); COMP_CWORD=\(words.count)
      COMP_LINE="fathom \(words.joined(separator: " "))"; COMP_POINT=${#COMP_LINE}; COMP_TYPE=9
      function=$(complete -p fathom | sed 's/.*-F \\([^ ]*\\).*/\\1/')
      "$function" fathom '\(words.last ?? "")' '\(words.dropLast().last ?? "fathom")'
      printf '%s\\n' "${COMPREPLY[@]}"
      """
    let result = try run("bash", script, in: folder)
    #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
    return result.output.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
  }

  private static func folder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let models = folder.file("fathom/models")
    try FileManager.default.createDirectory(atPath: models, withIntermediateDirectories: true)
    for name in ["fathom/models/tiny.gguf", "mine.gguf", "mine.txt", "talk.jsonl"] {
      let bytes = name.hasSuffix("gguf") ? TinyModel(seed: 1).bytes() : []
      try Data(bytes).write(to: URL(filePath: folder.file(name)))
    }
    return folder
  }

  @Test(.enabled(if: has("bash")))
  func `bash completes commands, options, models, files and words`() throws {
    let folder = try Self.folder()
    #expect(try Self.bash(["pru"], in: folder).sorted() == ["prune", "prune-table"])
    #expect(try Self.bash(["chat", "--tem"], in: folder).contains("--temp"))
    let models = try Self.bash(["chat", "-m", ""], in: folder)
    #expect(models.contains("tiny.gguf") && models.contains("mine.gguf"), "\(models)")
    #expect(!models.contains("mine.txt"))
    let sessions = try Self.bash(["replay", ""], in: folder)
    #expect(sessions.contains("talk.jsonl") && !sessions.contains("mine.gguf"), "\(sessions)")
    #expect(try Self.bash(["chat", "--theme", "co"], in: folder) == ["colorblind"])
    #expect(try Self.bash(["run", "--preset", "ba"], in: folder) == ["balanced"])
  }

  @Test(.enabled(if: has("zsh")))
  func `zsh reads its completions`() throws {
    let result = try Self.run("zsh", "zsh -n \"$COMPLETIONS\"", in: try Self.folder())
    #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
  }

  @Test(.enabled(if: has("fish")))
  func `fish completes commands and files`() throws {
    // What asks the program needs a person at a terminal.
    let script =
      "source $COMPLETIONS; cd $HOME; complete -C 'fathom pru'; complete -C 'fathom replay '"
    let result = try Self.run("fish", script, in: try Self.folder())
    #expect(result.output.contains("prune-table") && result.output.contains("talk.jsonl"))
    #expect(!result.output.contains("mine.gguf"), "\(result.output)")
  }

  @Test func `the manual page has every command, exit code and variable that docs/SHELL.md has`()
    throws
  {
    let page = try BuiltProgram.run(["manual"])
    #expect(page.status == 0 && page.errors.isEmpty)
    let text = page.output.replacing("\\-", with: "-").replacing("\\:", with: "")
    for part in [
      ".TH FATHOM 1", ".SH \"FATHOM CHAT\"", ".SH \"FATHOM TUNE EXITS\"", "--ctx-size", "/regen",
      ".SS \"Change the model\"", ".SH \"EXIT STATUS\"",
    ] { #expect(text.contains(part), "\(part)") }
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "docs/SHELL.md")
    let document = try String(contentsOf: file, encoding: .utf8)
    let status = text.split(separator: ".SH \"EXIT STATUS\"").last?.split(separator: ".SH").first
    let codes = (status ?? "").matches(of: #/\\fB(\d+)\\fR\n(.*)\n/#)
    #expect(codes.count > 10)
    for code in codes {
      let words = code.2.replacing("\\(aq", with: "`").replacing(".", with: "").prefix(12)
        .dropFirst()
      let line = document.split(separator: "\n").first { $0.hasPrefix("| \(code.1) |") }
      #expect(line?.contains(words) == true, "docs/SHELL.md has not \(code.1): \(code.2)")
    }
    let variables = document.matches(of: /(?m)^\| `(FATHOM_[A-Z]+)`/)
    #expect(variables.count > 4)
    for variable in variables {
      #expect(text.contains(variable.1), "the manual has not \(variable.1)")
    }
  }

  @Test(.enabled(if: has("groff")))
  func `groff finds nothing wrong with the manual page`() throws {
    let page = try BuiltProgram.run(["manual"]).output
    let result = try BuiltProgram.run(
      "/usr/bin/env", ["groff", "-Tutf8", "-man", "-ww", "-z"], input: page)
    #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors.prefix(500))")
  }
}
