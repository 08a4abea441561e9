import ArgumentParser
import Chat
import Events
import Foundation
import Reports
import Sessions

/// `fathom sessions list`.
struct SessionsListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the conversations, the newest first (the default).")

  @OptionGroup var page: SessionPageOptions

  func run() async throws {
    try await reportingErrors {
      try page.say(
        OwnSessions.read { try $0.find(limit: page.limit, offset: page.offset) },
        ifNone: "no conversation is kept yet")
    }
  }
}

/// `fathom sessions search`.
struct SessionsSearchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "search",
    abstract: "List the conversations in which all of these words were said.",
    discussion: """
      Questions, answers and names are searched. A word is found in any case, with or without accents, and as a \
      part of a longer one; words in one pair of quotes stand together: \
      fathom sessions search '"blue sky"' why.
      """)

  /// The longest that conversations of older versions are looked through.
  private static let patience = Duration.seconds(20)

  @Argument(help: "What was said.")
  var words: [String]

  @OptionGroup var page: SessionPageOptions

  func run() async throws {
    try await reportingErrors {
      let words = SearchWords(words.joined(separator: " "))
      guard !words.isEmpty else { throw ValidationError("Say what to look for.") }
      try page.say(
        OwnSessions.read {
          try $0.find(
            words, limit: page.limit, offset: page.offset, patience: Self.patience)
        }, ifNone: "nobody said that")
    }
  }
}

/// Which part of a list is printed, and how.
struct SessionPageOptions: ParsableArguments {
  @Option(name: [.short, .long], parsing: .unconditional, help: "How many at most.")
  var limit = 50

  @Option(parsing: .unconditional, help: "How many to pass over first.")
  var offset = 0

  @Flag(help: "JSON instead of a table.")
  var json = false

  func validate() throws {
    guard limit > 0 else { throw ValidationError("--limit must be greater than 0.") }
    guard offset >= 0 else { throw ValidationError("--offset must not be negative.") }
  }

  /// A conversation as scripts read it.
  private struct Row: Encodable {
    var id: String
    var title: String
    var started: String
    var lastUsed: String
    var model: String
    var answers: Int
    var tokens: Int
    var excerpt: String?
  }

  /// Prints a list; where it is empty, `none` on the error output.
  func say(_ list: SessionList?, ifNone none: String) throws {
    let list = list ?? SessionList()
    if json {
      try fathom.say(
        ReportJSON.text(
          of: list.sessions.map {
            Row(
              id: $0.id, title: $0.title, started: $0.started, lastUsed: $0.lastUsed,
              model: $0.model, answers: $0.answerCount, tokens: $0.tokenCount, excerpt: $0.excerpt)
          }))
    } else if list.sessions.isEmpty {
      printError(list.total > 0 ? "there are only \(list.total)" : none)
    } else {
      for line in table(of: list.sessions) { try fathom.say(line) }
    }
    let last = offset + list.sessions.count
    if !json, !list.sessions.isEmpty, last < list.total {
      printError("\(last) of \(list.total); the next: --offset \(last)")
    }
    if list.unread > 0 {
      printError("\(list.unread) could not be looked through in time; search again")
    }
  }

  private func table(of sessions: [SessionSummary]) -> [String] {
    let now = Date()
    let rows = sessions.map {
      [
        String($0.id.prefix(8)), DayWords.words(forStamp: $0.lastUsed, now: now), $0.title,
        "\($0.answerCount)", $0.model,
      ] + [$0.excerpt].compactMap(\.self)
    }
    let isSearch = sessions.contains { $0.excerpt != nil }
    return Table(
      header: ["ID", "LAST USED", "TITLE", "ANSWERS", "MODEL"] + (isSearch ? ["SAID"] : []),
      rows: rows
    ).lines
  }
}
