import Foundation
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The program in a real terminal, with the real model, as a person uses it.
@Suite(
  .serialized,
  .enabled(if: TmuxTerminal.isThere, "no tmux"),
  .needsProgram,
  .needsModel)
struct ConversationTests {
  @Test func `a whole conversation, from the shell and back to it`() async throws {
    try await inTerminal { terminal, folder in
      try await beginChat(in: terminal, folder: folder)
      try await askAndSeeDepth(in: terminal)
      try await draftAndPrune(in: terminal)
      try await resize(terminal)
      try await stopAnAnswer(in: terminal)
      try await saveAndReplay(from: terminal, folder: folder)
      try await changeTheme(in: terminal)
      try await mistype(in: terminal)
      try await terminal.press("C-d")
      try await terminal.wait(for: "left 0")
      try await expectShellAsBefore(in: terminal, folder: folder)
    }
  }

  @Test func `SIGTERM ends the program with 143 and gives the terminal back`() async throws {
    try await inTerminal { terminal, folder in
      try await beginChat(in: terminal, folder: folder)
      try await terminal.type("Write a long story about the sea.")
      try await waitForALongAnswer(in: terminal)
      let text = try String(contentsOfFile: folder + "/pid", encoding: .utf8)
      let pid = try #require(pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)))
      #expect(kill(pid, SIGTERM) == 0)
      try await terminal.wait(for: "left 143")
      try await expectShellAsBefore(in: terminal, folder: folder)
    }
  }

  @Test func `^Z suspends while an answer streams, and the answer goes on afterwards`() async throws
  {
    try await inTerminal { terminal, folder in
      try await beginChat(in: terminal, folder: folder)
      try await terminal.type("Write a long story about the sea.")
      try await waitForALongAnswer(in: terminal)
      try await terminal.press("C-z")
      try await terminal.wait(for: "the shell") {
        $0.split(separator: "\n").last?.hasPrefix(TmuxTerminal.prompt) == true
      }
      let isFullScreen = try await terminal.showsSecondScreen()
      #expect(!isFullScreen)
      try await terminal.type("fg")
      try await waitForALongAnswer(in: terminal)
      try await terminal.press("C-c")
      try await terminal.wait(for: "Stopped.", "Enter send")
      try await terminal.press("C-d")
      try await terminal.wait(for: "left 0")
    }
  }

  private func inTerminal(_ body: (TmuxTerminal, String) async throws -> Void) async throws {
    try await withTemporaryFolder { folder in
      try await TmuxTerminal.withShell(columns: 80, rows: 24, folder: folder) { terminal in
        try await body(terminal, folder)
      }
    }
  }

  // MARK: - Scenes

  /// Notes the terminal's settings, starts the program, and waits until it can be typed to.
  private func beginChat(in terminal: TmuxTerminal, folder: String) async throws {
    let program = try #require(BuiltProgram.path)
    let model = try #require(SharedData.model)
    let script = """
      stty -a >before
      sh -c 'echo $$ >pid; exec "\(program)" chat -m "\(model)" -t 1 --temp 0 --no-history'
      echo left $?
      stty -a >after
      """
    try script.write(toFile: folder + "/chat.sh", atomically: true, encoding: .utf8)
    try await terminal.wait(for: TmuxTerminal.prompt)
    try await terminal.type("sh chat.sh")
    try await terminal.wait(for: "Or just type", "SAME TEXT", "Enter send")
    let isFullScreen = try await terminal.showsSecondScreen()
    #expect(isFullScreen)
  }

  private func askAndSeeDepth(in terminal: TmuxTerminal) async throws {
    try await terminal.type("What is the capital of Australia?")
    // The lens looks at each word once there is time.
    let screen = try await terminal.wait(for: "the last word, looked at") { screen in
      screen.contains("The capital of Australia is Canberra.")
        && screen.split(separator: "\n").contains { $0.contains("⏎ end") && $0.contains(" yes") }
    }
    #expect(screen.contains("You   What is the capital of Australia?"))
    // One row per word: its text, a mark for each block, how many ran.
    let row = try #require(screen.split(separator: "\n").first { $0.contains("  Canberra  ") })
    #expect(row.contains(" 30 "))
    #expect(row.count { "█░".contains($0) } == 30)
  }

  private func draftAndPrune(in terminal: TmuxTerminal) async throws {
    try await terminal.type("/exit-policy fixed 25")
    try await terminal.wait(for: "exit-policy: off → fixed 25", "exit at 25")
    // Left to itself, drafting rests where it does not pay: raw exits do not.
    try await terminal.type("/draft exit 4")
    try await terminal.wait(for: "draft: auto → exit 4")
    try await terminal.type("/regen")
    let drafted = try await terminal.wait(for: "an answer with guesses") {
      $0.contains(/\d+ of \d+ guesses right/) && $0.contains("Enter send")
        && $0.count(of: "The capital of Australia is Canberra.") == 2
    }
    #expect(drafted.contains("SAME TEXT"))
    try await terminal.type("/prune 10")
    try await terminal.wait(for: "prune: none → 10")
  }

  private func resize(_ terminal: TmuxTerminal) async throws {
    try await terminal.resize(columns: 160, rows: 50)
    try await terminal.wait(for: "how far each word climbed", "most probable", "SAME TEXT")
    try await terminal.resize(columns: 40, rows: 10)
    try await terminal.wait(for: "a screen for 40 columns") {
      !$0.contains("how far") && $0.contains("SAME") && $0.contains("\n>")
        && $0.split(separator: "\n", omittingEmptySubsequences: false).count <= 11
    }
    try await terminal.resize(columns: 80, rows: 24)
    try await terminal.wait(for: "─ words", "SAME TEXT", "Enter send")
  }

  private func stopAnAnswer(in terminal: TmuxTerminal) async throws {
    try await terminal.type("/prune none")
    try await terminal.type("/exit-policy off")
    try await terminal.wait(for: "fixed 25 → off", "SAME TEXT")
    try await terminal.type("Write a long story about the sea.")
    try await waitForALongAnswer(in: terminal)
    try await terminal.press("C-c")
    try await terminal.wait(for: "Stopped.", "Enter send")
    // The line is empty: ^C clears it and stays.
    try await terminal.type("not sent", enter: false)
    try await terminal.wait(for: "> not sent")
    try await terminal.press("C-c")
    try await terminal.wait(for: "an empty line") { !$0.contains("not sent") }
  }

  /// Returns while an answer streams whose speed can be told.
  private func waitForALongAnswer(in terminal: TmuxTerminal) async throws {
    try await terminal.wait(for: "an answer that streams") {
      $0.contains("^C stop") && $0.contains(/\d words\/s/)
    }
  }

  private func saveAndReplay(from terminal: TmuxTerminal, folder: String) async throws {
    try await terminal.type("/save session.jsonl")
    try await terminal.wait(for: "records to session.jsonl.")
    let replay = try BuiltProgram.run(["replay", "--plain", folder + "/session.jsonl"])
    #expect(replay.status == 0)
    #expect(replay.output.count(of: "The capital of Australia is Canberra.") == 2)
    #expect(replay.output.contains("Set: prune from none to 10"))
    #expect(replay.errors.isEmpty)
  }

  private func changeTheme(in terminal: TmuxTerminal) async throws {
    let dark = try await terminal.styles()
    try await terminal.type("/theme light")
    try await terminal.wait(for: "other colours") { _ in
      try await !terminal.styles().isSubset(of: dark)
    }
  }

  private func mistype(in terminal: TmuxTerminal) async throws {
    try await terminal.type("/them light")
    try await terminal.wait(for: "Did you mean /theme?")
    try await terminal.type("/exit-policy fixed 99")
    try await terminal.wait(for: "fixed 99")
    try await terminal.type("/draft many")
    try await terminal.wait(for: "not a draft setting")
  }

  /// The shell is back on the first screen, echoes, and its terminal is set as before.
  private func expectShellAsBefore(in terminal: TmuxTerminal, folder: String) async throws {
    try await terminal.wait(for: "the shell") {
      $0.split(separator: "\n").last?.hasPrefix(TmuxTerminal.prompt) == true
    }
    let isFullScreen = try await terminal.showsSecondScreen()
    #expect(!isFullScreen)
    try await terminal.type("echo to you: me")
    try await terminal.wait(for: "\(TmuxTerminal.prompt) echo to you: me", "\nto you: me")
    let before = try String(contentsOfFile: folder + "/before", encoding: .utf8)
    let after = try String(contentsOfFile: folder + "/after", encoding: .utf8)
    #expect(before.contains("echo"))
    #expect(before == after)
  }
}

extension String {
  fileprivate func count(of text: String) -> Int { components(separatedBy: text).count - 1 }
}
