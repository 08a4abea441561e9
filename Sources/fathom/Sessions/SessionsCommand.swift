import ArgumentParser
import Foundation
import Models
import Sessions

/// `fathom sessions`: the conversations that are kept.
struct SessionsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sessions",
    abstract: "List, search, show, rename, delete and export the conversations that are kept.",
    discussion: """
      Conversations are kept as they happen. An ID is the beginning of the one that the list shows, or last. \
      `fathom --continue` goes on with the last one, `fathom --resume ID` with any other.
      """,
    subcommands: [
      SessionsListCommand.self, SessionsSearchCommand.self, SessionsShowCommand.self,
      SessionsRenameCommand.self, SessionsDeleteCommand.self, SessionsExportCommand.self,
    ],
    defaultSubcommand: SessionsListCommand.self)
}

/// The database of this user's conversations.
enum OwnSessions {
  /// Does `work` with it; nil where there is none yet. None is made for that.
  static func read<Value>(_ work: (SessionStore) throws -> Value) throws -> Value? {
    let path = Places().sessionsFile
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let store = try SessionStore(path: path)
    defer { store.close() }
    return try work(store)
  }

  /// Does `work` with it, which is about one conversation.
  static func with<Value>(_ work: (SessionStore) throws -> Value) throws -> Value {
    guard let value = try read(work) else {
      throw SessionError(
        .missing, path: Places().sessionsFile, reason: "there is no conversation yet",
        remedy: "Begin one: fathom")
    }
    return value
  }
}
