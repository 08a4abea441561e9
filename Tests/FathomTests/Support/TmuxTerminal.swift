import Foundation
import Subprocess

/// A terminal with a shell in it, on a tmux server of its own: what a person types and sees.
struct TmuxTerminal {
  /// The terminal never showed what was waited for.
  struct Missing: Error, CustomStringConvertible {
    var description: String
  }

  /// Whether this machine has tmux.
  static let isThere =
    ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":")
    .contains { FileManager.default.isExecutableFile(atPath: "\($0)/tmux") } ?? false

  /// What the shell writes when it waits for a command.
  static let prompt = "shell$"

  private let server = "fathom-test-\(ProcessInfo.processInfo.processIdentifier)-\(UUID())"

  /// Calls `body` with a shell in `folder`, which is its home as well and shares nothing else with the
  /// tests' own environment; ends the server whatever happens.
  static func withShell(
    columns: Int, rows: Int, folder: String, _ body: (TmuxTerminal) async throws -> Void
  ) async throws {
    let terminal = TmuxTerminal()
    let shell = [
      "cd '\(folder)' && exec env -i HOME='\(folder)' XDG_CONFIG_HOME='\(folder)/config'",
      "XDG_DATA_HOME='\(folder)/data' XDG_STATE_HOME='\(folder)/state' PATH=/usr/bin:/bin",
      "LANG=C.UTF-8 TERM=screen-256color PS1='\(Self.prompt) ' sh",
    ]
    do {
      try await terminal.command(
        "-u", "-f", "/dev/null", "new-session", "-d", "-x", "\(columns)", "-y", "\(rows)",
        shell.joined(separator: " "))
      try await body(terminal)
    } catch {
      try? await terminal.end()
      throw error
    }
    try await terminal.end()
  }

  /// Ends the server, with all that runs in it, and removes its socket, which it leaves behind.
  private func end() async throws {
    let socket = try await command("display-message", "-p", "#{socket_path}")
    try await command("kill-server")
    try? FileManager.default.removeItem(atPath: socket.trimmingCharacters(in: .newlines))
  }

  /// Runs a command of tmux and gives what it prints.
  ///
  /// Not with Foundation's `Process`: it waits for the server as well, which outlives the command.
  @discardableResult
  private func command(_ arguments: String...) async throws -> String {
    let result = try await Subprocess.run(
      .name("tmux"), arguments: Arguments(["-L", server] + arguments),
      environment: .inherit.updating(["TMUX": nil, "LC_ALL": "C.UTF-8"]),
      output: .string(limit: 1 << 20), error: .string(limit: 1 << 16))
    guard result.terminationStatus.isSuccess else {
      throw Missing(description: "tmux: \(result.standardError)")
    }
    return result.standardOutput
  }

  // MARK: - Typing

  /// Types text and, if asked, Enter.
  func type(_ text: String, enter: Bool = true) async throws {
    try await command("send-keys", "-l", "--", text)
    if enter { try await press("Enter") }
  }

  /// Presses a key by the name that tmux has for it, such as `C-d`.
  func press(_ key: String) async throws { try await command("send-keys", key) }

  /// Gives the terminal another size.
  func resize(columns: Int, rows: Int) async throws {
    try await command("resize-window", "-x", "\(columns)", "-y", "\(rows)")
  }

  // MARK: - Seeing

  /// What the terminal shows, line by line.
  func screen() async throws -> String { try await command("capture-pane", "-p") }

  /// The colours and attributes in use, as the escape sequences that choose them.
  func styles() async throws -> Set<String> {
    let text = try await command("capture-pane", "-p", "-e")
    return Set(text.matches(of: /\u{1b}\[[0-9;]*m/).map { String($0.output) })
  }

  /// Whether a program has the second screen that full-screen programs use.
  func showsSecondScreen() async throws -> Bool {
    try await command("display-message", "-p", "#{alternate_on}").hasPrefix("1")
  }

  /// Whether what is typed goes to the program key by key, and not line by line.
  func readsKeys() async throws -> Bool {
    let name = try await command("display-message", "-p", "#{pane_tty}")
    let settings = try await Subprocess.run(
      .name("sh"),
      arguments: ["-c", "stty -a <\"$0\"", name.trimmingCharacters(in: .whitespacesAndNewlines)],
      output: .string(limit: 1 << 16), error: .discarded)
    return settings.standardOutput.contains("-icanon")
  }

  /// Returns the screen as soon as it holds all of `texts`; throws what it shows after a minute.
  @discardableResult
  func wait(for texts: String...) async throws -> String {
    try await wait(for: texts.joined(separator: "\n")) { screen in
      texts.allSatisfy(screen.contains)
    }
  }

  /// Returns the screen as soon as `isRight` says so; throws what it shows after a minute.
  @discardableResult
  func wait(
    for purpose: String, until isRight: (String) async throws -> Bool
  ) async throws -> String {
    let clock = ContinuousClock()
    let end = clock.now + .seconds(60)
    var screen = ""
    while clock.now < end {
      screen = try await self.screen()
      if try await isRight(screen) { return screen }
      try await Task.sleep(for: .milliseconds(100))
    }
    throw Missing(description: "Waited for \(purpose), and the terminal shows:\n\(screen)")
  }
}
