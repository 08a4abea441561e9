import ArgumentParser
import Foundation
import Reports
import Sessions

/// `fathom sessions delete`.
struct SessionsDeleteCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "delete", abstract: "Delete conversations for good.")

  @Argument(help: "Which: the beginnings of their ids, or last.")
  var ids: [String]

  @Flag(name: .shortAndLong, help: "Do not ask.")
  var yes = false

  func run() async throws {
    try await reportingErrors {
      // All of them are found before one is deleted: with `last`, and where a name fits nothing.
      let sessions = try OwnSessions.with { store in
        try ids.map { try store.summary(ofSession: $0) }
      }
      guard yes || Self.isAgreed(sessions) else {
        printError("nothing was deleted")
        throw ExitCode.failure
      }
      try OwnSessions.with { store in
        for session in Set(sessions) { try store.delete(session.id) }
      }
      for session in sessions { printError("deleted: \(Self.words(session))") }
    }
  }

  /// Whether the person at the terminal says yes; nobody is there to say so without one.
  private static func isAgreed(_ sessions: [SessionSummary]) -> Bool {
    guard isatty(STDIN_FILENO) == 1 else {
      printError("fathom: nobody is there to be asked; give --yes to delete")
      return false
    }
    for session in sessions { printError("  \(words(session))") }
    printError(sessions.count == 1 ? "Delete it? [y/N]" : "Delete these \(sessions.count)? [y/N]")
    return ["y", "yes"].contains(readLine()?.lowercased() ?? "")
  }

  private static func words(_ session: SessionSummary) -> String {
    let title = session.title.isEmpty ? "(no title)" : session.title.visible
    return "\(session.id.prefix(8).visible) \(title) (\(session.answerCount) answers)"
  }
}
