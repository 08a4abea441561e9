import ArgumentParser
import Events
import Files
import Foundation
import Models
import Reports
import Screen
import Sessions

/// `fathom sessions export`.
struct SessionsExportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write a conversation to a file.",
    discussion: """
      By the file's name: .jsonl has every record, as /save writes them, for /load and fathom replay; .md is a text \
      to read in Markdown; .txt is what `fathom sessions show` prints.
      """)

  /// The form of what is written.
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case jsonl
    case md
    case txt
  }

  @Argument(help: "Which: the beginning of its id, or last.")
  var id: String

  @Argument(help: "The file; - is the standard output.")
  var file: String

  @Option(help: "jsonl, md or txt, where the file's name does not say it (default: jsonl).")
  var format: Format?

  @OptionGroup var outputs: OutputOptions

  func run() async throws {
    try await reportingErrors {
      let format = try chosenFormat()
      let inputs = [Places().sessionsFile]
      try outputs.check(file, from: inputs)
      let (title, lines) = try OwnSessions.with { store in
        (try store.summary(ofSession: id).title, try store.lines(of: id))
      }
      let output = OutputFile(file, inputs: inputs, replaces: outputs.force, mode: 0o600)
      try output.write(try await Self.contents(title, lines: lines, as: format))
    }
  }

  private func chosenFormat() throws -> Format {
    if let format { return format }
    let name = URL(filePath: file).pathExtension.lowercased()
    if file == "-" || name.isEmpty { return .jsonl }
    guard let format = Format(rawValue: name) else {
      throw ValidationError("\(file): name a .jsonl, .md or .txt file, or give --format.")
    }
    return format
  }

  private static func contents(
    _ title: String, lines: Data, as format: Format
  ) async throws -> Data {
    guard format != .jsonl else { return lines }
    let records = try EventLog.records(in: lines)
    if format == .md {
      return Data(ConversationMarkdown(records, title: title).text.visibleLines.utf8)
    }
    var text = ""
    await ReplayPlayer(records).play(pace: nil) { text += $0 }
    return Data(text.utf8)
  }
}
