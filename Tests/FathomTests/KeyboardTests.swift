import Events
import Foundation
import TestSupport
import Testing

/// What a person types at a real terminal, with a tiny model.
@Suite(.serialized, .enabled(if: TmuxTerminal.isThere, "no tmux"), .needsProgram)
struct KeyboardTests {
  /// A terminal in which a shell runs the program, between two looks at the terminal's settings.
  private func withProgram(
    _ variables: String = "", _ arguments: String, columns: Int = 80, rows: Int = 24,
    _ body: (TmuxTerminal, String) async throws -> Void
  ) async throws {
    try await withTemporaryFolder { folder in
      try Data(TinyModel(seed: 4).bytes()).write(to: URL(filePath: folder + "/tiny.gguf"))
      let program = try #require(BuiltProgram.path)
      let script = """
        trap : INT
        stty -a | sed 1d >before
        \(variables) "\(program)" chat -m tiny.gguf -t 1 --temp 0 --no-history \(arguments)
        status=$?
        stty -a | sed 1d >after
        echo left $status
        """
      try script.write(toFile: folder + "/chat.sh", atomically: true, encoding: .utf8)
      try await TmuxTerminal.withShell(columns: columns, rows: rows, folder: folder) { terminal in
        try await terminal.wait(for: TmuxTerminal.prompt)
        try await terminal.type("sh chat.sh")
        try await body(terminal, folder)
        try await terminal.press("C-d")
        try await terminal.wait(for: "left 0")
        let before = try String(contentsOfFile: folder + "/before", encoding: .utf8)
        let after = try String(contentsOfFile: folder + "/after", encoding: .utf8)
        #expect(before.contains("icanon") && before == after)
      }
    }
  }

  /// What was said to the model, as `/save` left it.
  private func said(_ file: String) throws -> [String] {
    try EventLog.records(in: Data(contentsOf: URL(filePath: file))).compactMap {
      if case .turn(let turn) = $0, turn.role == .user { turn.text } else { nil }
    }
  }

  private func stopAndGoOn(_ terminal: TmuxTerminal) async throws {
    try await terminal.press("C-z")
    try await terminal.wait(for: "the shell") { screen in
      let line = screen.split(separator: "\n").last { !$0.allSatisfy(\.isWhitespace) }
      return line?.hasPrefix(TmuxTerminal.prompt) == true
    }
    try await terminal.type("fg")
  }

  @Test func `the screen has the terminal's size, whatever LINES and COLUMNS say`() async throws {
    try await withProgram("LINES=100000 COLUMNS=3", "") { terminal, _ in
      try await terminal.wait(for: "Or just type", "Enter send", "F2 look at a word")
      try await terminal.resize(columns: 100, rows: 30)
      try await terminal.wait(for: "the last line at the bottom") {
        $0.split(separator: "\n", omittingEmptySubsequences: false).dropFirst(29).first?
          .contains("Enter send") == true
      }
    }
  }

  @Test func `sequences that mean nothing leave no text, and ^Z comes back to the line`()
    async throws
  {
    try await withProgram("", "") { terminal, _ in
      try await terminal.wait(for: "Enter send")
      for sequence in [
        "[?62;c", "[I", "]11;rgb:0/0/0\u{7}", "O5A", "[200", "[1;2P", "P1$r\u{1b}\\",
      ] {
        try await terminal.type("x\u{1b}" + sequence, enter: false)
      }
      try await terminal.type("y", enter: false)
      // The one without an end takes a letter with it, and nothing more.
      try await terminal.wait(for: "\n> xxxxx")
      try await stopAndGoOn(terminal)
      try await terminal.wait(for: "the screen") { screen in
        try await terminal.showsSecondScreen() && screen.contains("\n> xxxxx")
      }
      try await terminal.press("C-c")
    }
  }

  @Test func `in lines of text a long line is whole, and ^Z and ^C leave the terminal usable`()
    async throws
  {
    try await withProgram("", "--plain -n 2") { terminal, folder in
      try await terminal.wait(for: "Model: ", "\nYou:")
      let long = String(repeating: "x", count: 5000) + " END"
      try await terminal.type("abc\u{7f}\u{1b}[D", enter: false)
      try await terminal.wait(for: "\nYou: ab")
      try await stopAndGoOn(terminal)
      // Till the program goes on, the terminal itself takes ^C for an empty line.
      try await terminal.wait(for: "the program at its line") {
        guard $0.contains("Stopped"), $0.contains("\nsh chat.sh") else { return false }
        return try await terminal.readsKeys()
      }
      try await terminal.type("d", enter: false)
      try await terminal.wait(for: "\nsh chat.sh\nd")
      try await terminal.press("C-c")
      try await terminal.wait(for: "d^C\nYou:")
      try await terminal.type(long)
      try await terminal.wait(for: "END", "Stats: ")
      try await terminal.type("/save \(folder)/s.jsonl")
      try await terminal.wait(for: "records to")
      #expect(try said(folder + "/s.jsonl") == [long])
    }
  }
}
