import Foundation
import TestSupport
import Testing

/// A terminal with a shell in it, on a tmux server of its own: what a person types and sees.
final class TmuxTerminal {
  /// The terminal never showed what was waited for.
  struct Missing: Error, CustomStringConvertible {
    var description: String
  }

  /// The tmux of this machine, if it has one.
  static let tmux = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":")
    .map { "\($0)/tmux" }.first(where: FileManager.default.isExecutableFile)

  /// What the shell writes when it waits for a command.
  static let prompt = "shell$"

  private let tmux: String
  private let server = "fathom-test-\(ProcessInfo.processInfo.processIdentifier)-\(UUID())"

  /// A shell in `folder`, which is its home as well, with nothing of the tests' own environment.
  init(columns: Int, rows: Int, folder: String) throws {
    tmux = Self.tmux ?? "tmux"
    let shell = [
      "cd '\(folder)' && exec env -i HOME='\(folder)' XDG_CONFIG_HOME='\(folder)/config'",
      "XDG_DATA_HOME='\(folder)/data' XDG_STATE_HOME='\(folder)/state' PATH=/usr/bin:/bin",
      "LANG=C.UTF-8 TERM=screen-256color PS1='\(Self.prompt) ' sh",
    ]
    try command(
      "-u", "-f", "/dev/null", "new-session", "-d", "-x", "\(columns)", "-y", "\(rows)",
      shell.joined(separator: " "))
  }

  deinit { _ = try? command("kill-server") }

  /// Runs a command of tmux and gives what it prints.
  @discardableResult
  private func command(_ arguments: String...) throws -> String {
    let result = try BuiltProgram.run(
      tmux, ["-L", server] + arguments, variables: ["TMUX": "", "LC_ALL": "C.UTF-8"])
    guard result.status == 0 else { throw Missing(description: "tmux: \(result.errors)") }
    return result.output
  }

  // MARK: - Typing

  /// Types text and, if asked, Enter.
  func type(_ text: String, enter: Bool = true) throws {
    try command("send-keys", "-l", "--", text)
    if enter { try press("Enter") }
  }

  /// Presses a key by the name that tmux has for it, such as `C-d`.
  func press(_ key: String) throws { try command("send-keys", key) }

  /// Gives the terminal another size.
  func resize(columns: Int, rows: Int) throws {
    try command("resize-window", "-x", "\(columns)", "-y", "\(rows)")
  }

  // MARK: - Seeing

  /// What the terminal shows, line by line.
  func screen() throws -> String { try command("capture-pane", "-p") }

  /// The colours and attributes in use, as the escape sequences that choose them.
  func styles() throws -> Set<String> {
    let text = try command("capture-pane", "-p", "-e")
    return Set(text.matches(of: /\u{1b}\[[0-9;]*m/).map { String($0.output) })
  }

  /// Whether a program has the second screen that full-screen programs use.
  func showsSecondScreen() throws -> Bool {
    try command("display-message", "-p", "#{alternate_on}").hasPrefix("1")
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
  func wait(for purpose: String, until isRight: (String) throws -> Bool) async throws -> String {
    let clock = ContinuousClock()
    let end = clock.now + .seconds(60)
    var screen = ""
    while clock.now < end {
      screen = try self.screen()
      if try isRight(screen) { return screen }
      try await Task.sleep(for: .milliseconds(100))
    }
    throw Missing(description: "Waited for \(purpose), and the terminal shows:\n\(screen)")
  }
}
