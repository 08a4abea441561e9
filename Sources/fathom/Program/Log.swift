import ArgumentParser
import Events
import Files
import Foundation
import Inference
import Models
import Reports
import Shell
import Synchronization

/// Where a command writes down what it does.
struct LogOptions: ParsableArguments {
  @Option(
    name: [.customLong("log-file"), .customLong("log")],
    help: ArgumentHelp(
      "Add what happens to this file, with times: program, machine, model, settings, warnings, errors, figures.",
      valueName: "file"),
    completion: .file(extensions: ["log"]))
  var file: String?

  @Flag(name: .customLong("log-text"), help: "Let the log hold what is said, too.")
  var holdsText = false

  /// Opens the log, if one is named, and says in it who runs what.
  func begin(_ command: String) throws {
    guard let file else { return }
    try Log.open(file, holdsText: holdsText)
    Log.write(
      .information,
      "fathom \(Fathom.configuration.version), \(command), process \(getpid()), \(Host.system), "
        + Host.processor)
  }
}

/// A command that can keep a log.
protocol KeepsLog: ParsableCommand {
  var logOptions: LogOptions { get }
}

extension KeepsLog {
  /// Opens the log, if one is named; what prevents that is said.
  func beginLog() throws {
    do {
      try logOptions.begin(Self.configuration.commandName ?? "fathom")
    } catch {
      printError("fathom: \(error)".visible)
      throw ExitCode(for: error)
    }
  }
}

extension RunsModel {
  var logOptions: LogOptions { modelOptions.log }
}

/// The log of this run, if one is kept.
enum Log {
  private struct Kept: Sendable {
    var file: LogFile
    var holdsText: Bool
  }

  private static let kept = Mutex<Kept?>(nil)

  /// Begins to keep the log at `path`.
  static func open(_ path: String, holdsText: Bool) throws(FileError) {
    let file = try LogFile(HomeFolder.expand(path))
    kept.withLock { $0 = Kept(file: file, holdsText: holdsText) }
  }

  /// Adds a line.
  static func write(_ level: LogFile.Level, _ text: String) {
    kept.withLock(\.self)?.file.write(level, text)
  }

  /// Adds what a record says of the program and its work, and of what is said where that was asked for.
  static func note(_ record: Record) {
    guard let kept = kept.withLock(\.self) else { return }
    switch record {
    case .session:
      guard let line = try? EventLog.line(for: record) else { return }
      kept.file.write(.information, "session " + String(decoding: line, as: UTF8.self))
    case .turn(let turn) where kept.holdsText:
      kept.file.write(.information, "\(turn.role.rawValue): \(turn.text)")
    case .parameter(let change):
      let words = kept.holdsText ? " from \(change.old) to \(change.new)" : ""
      kept.file.write(.information, "set \(change.key)\(words)")
    case .end(let end):
      let isError = end.reason == .error
      kept.file.write(isError ? .error : .information, words(end, withMessage: isError))
    default: break
    }
  }

  /// The records as they come, each of which is noted; where no log is kept, the stream itself.
  static func following(_ records: AsyncStream<Record>) -> AsyncStream<Record> {
    guard kept.withLock({ $0 != nil }) else { return records }
    let (stream, feed) = AsyncStream.makeStream(of: Record.self)
    let reader = Task {
      for await record in records {
        note(record)
        feed.yield(record)
      }
      feed.finish()
    }
    feed.onTermination = { _ in reader.cancel() }
    return stream
  }

  /// Adds what a person is told outside of the records.
  static func note(_ aside: Aside) {
    guard case .notice(let notice) = aside else { return }
    switch notice.kind {
    case .information: break
    case .warning: write(.warning, notice.text)
    case .error: write(.error, notice.text)
    }
  }

  private static func words(_ end: EndRecord, withMessage: Bool) -> String {
    let times = end.timings
    var words =
      "answer \(end.answer ?? end.turn): \(end.reason.rawValue), \(times.cacheN) of the prompt's tokens kept, "
      + "\(times.promptN) read in \(Int(times.promptMs)) ms, \(times.predictedN) written in "
      + "\(Int(times.predictedMs)) ms"
    if times.draftN > 0 { words += ", \(times.draftNAccepted) of \(times.draftN) drafts accepted" }
    if withMessage, let message = end.message { words += ": \(message)" }
    return words
  }
}
