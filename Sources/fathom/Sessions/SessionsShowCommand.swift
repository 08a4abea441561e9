import ArgumentParser
import Files
import Screen
import Sessions

/// `fathom sessions show`.
struct SessionsShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Print a conversation as lines of text.")

  @Argument(help: "Which: the beginning of its id, or last.")
  var id: String

  func run() async throws {
    try await reportingErrors {
      let records = try OwnSessions.with { try $0.records(of: id) }
      try await ReplayPlayer(records).play(pace: nil) { try StandardStreams.write($0) }
    }
  }
}

/// `fathom sessions rename`.
struct SessionsRenameCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rename", abstract: "Give a conversation a title.",
    discussion: "An empty title brings back the beginning of what was said.")

  @Argument(help: "Which: the beginning of its id, or last.")
  var id: String

  @Argument(help: "The title.")
  var title: String

  func run() async throws {
    try await reportingErrors {
      _ = try OwnSessions.with { try $0.rename(id, to: title) }
    }
  }
}
