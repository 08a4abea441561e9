package import Events
import Foundation

/// A recording as a film of the screen in asciicast, for players on web pages: the frames that a terminal of
/// one size shows, as what has to be written to it.
package struct RecordingCast {
  /// Which version of the format.
  package enum Version: Int, Hashable, Sendable {
    /// Times since the beginning.
    case two = 2
    /// Times since the event before.
    case three = 3
  }

  private let records: [Record]
  private let pace: Playback.Pace
  private let theme: Theme

  /// A film of `records` at a pace, in the colours of `theme`.
  package init(_ records: [Record], pace: Playback.Pace = .times(1), theme: Theme) {
    (self.records, self.pace, self.theme) = (records, pace, theme)
  }

  /// The file's text: a head and a line for each event. Every answer and every mark has a marker.
  package func text(rows: Int, columns: Int, version: Version = .three) throws -> String {
    var film = Film(version: version, theme: theme, rows: rows, columns: columns)
    var lines = [try head(rows: rows, columns: columns, version: version)]
    var question = ""
    for (record, pause) in zip(records, ReplayPace.pauses(of: records)) {
      film.wait(pause.wait(at: pace))
      switch record {
      case .turn(let turn) where turn.role == .user: question = turn.text
      case .turn(let turn) where turn.role == .assistant:
        lines += try film.marker(question.isEmpty ? "answer" : question)
      case .mark(let mark): lines += try film.marker(mark.text.isEmpty ? "mark" : mark.text)
      default: break
      }
      lines += try film.take(record)
    }
    lines += try film.finish()
    return lines.joined(separator: "\n") + "\n"
  }

  private func head(rows: Int, columns: Int, version: Version) throws -> String {
    var title = "Fathom"
    var started = ""
    if case .session(let session)? = records.first {
      title = "Fathom: " + (session.model.name.isEmpty ? session.model.file : session.model.name)
      if let date = try? Date(session.started, strategy: .iso8601) {
        started = ",\"timestamp\":\(Int(date.timeIntervalSince1970))"
      }
    }
    let size =
      version == .three
      ? "\"term\":{\"cols\":\(columns),\"rows\":\(rows),\"type\":\"xterm-256color\"}"
      : "\"width\":\(columns),\"height\":\(rows)"
    return "{\"version\":\(version.rawValue),\(size)\(started),\"title\":\(try Film.quoted(title))}"
  }
}

/// Frames as events, at most thirty a second.
private struct Film {
  private let version: RecordingCast.Version
  private let ink: TerminalInk
  private var state = ScreenState(stage: .chat)
  private var shown: Frame?
  private var now = Duration.zero
  /// The time of the newest event in milliseconds, as it is written.
  private var lastEvent = 0
  private var lastFrame: Duration?
  private var isStale = true

  init(version: RecordingCast.Version, theme: Theme, rows: Int, columns: Int) {
    self.version = version
    ink = TerminalInk(theme)
    _ = state.update(.resized(rows: rows, columns: columns))
  }

  /// Lets time go by before the next record: what is to be seen is shown before a pause.
  mutating func wait(_ time: Duration) { now += max(.zero, time) }

  /// Takes in a record, and the event that it makes, if it is time for a frame.
  mutating func take(_ record: Record) throws -> [String] {
    _ = state.update(.record(record))
    isStale = true
    if let lastFrame, now - lastFrame < .milliseconds(33) { return [] }
    return try frame()
  }

  mutating func marker(_ label: String) throws -> [String] {
    let words = label.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return try frame() + [try event("m", String(words.prefix(60)))]
  }

  mutating func finish() throws -> [String] {
    let last = try frame()
    return version == .three ? last + [try event("x", "0")] : last
  }

  private mutating func frame() throws -> [String] {
    guard isStale else { return [] }
    isStale = false
    lastFrame = now
    let frame = draw(state)
    let text = ink.text(for: frame.changes(since: shown), isFirst: shown == nil)
    shown = frame
    return text.isEmpty ? [] : [try event("o", text)]
  }

  private mutating func event(_ kind: String, _ text: String) throws -> String {
    let time = Int(now / .milliseconds(1))
    let shownTime = version == .three ? time - lastEvent : time
    lastEvent = time
    let seconds = "\(shownTime / 1000)." + String(1000 + shownTime % 1000).dropFirst()
    return "[\(seconds), \"\(kind)\", \(try Self.quoted(text))]"
  }

  static func quoted(_ text: String) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    return String(decoding: try encoder.encode(text), as: UTF8.self)
  }
}

/// Cells as what a terminal is sent to show them.
struct TerminalInk {
  private let looks: [Role: String]

  /// Ink in the colours of a theme.
  init(_ theme: Theme) {
    looks = theme.styles.mapValues { style in
      var codes = ["0"]
      let names: [(Style.Attributes, String)] = [
        (.bold, "1"), (.dim, "2"), (.italic, "3"), (.underline, "4"), (.reverse, "7"),
      ]
      codes += names.filter { style.attributes.contains($0.0) }.map(\.1)
      if let color = style.color { codes.append("38;2;\(color.red);\(color.green);\(color.blue)") }
      return "\u{1b}[\(codes.joined(separator: ";"))m"
    }
  }

  /// What shows the changes; before the first the screen is emptied and the cursor hidden.
  func text(for changes: [Frame.Change], isFirst: Bool) -> String {
    var text = isFirst ? "\u{1b}[2J\u{1b}[?25l" : ""
    var look = ""
    for change in changes {
      text += "\u{1b}[\(change.row + 1);\(change.column + 1)H"
      for cell in change.cells {
        guard let glyph = cell.glyph else { continue }
        let wanted = looks[cell.role] ?? "\u{1b}[0m"
        if wanted != look { text += wanted }
        look = wanted
        text += glyph.text
      }
    }
    return look.isEmpty || look == "\u{1b}[0m" ? text : text + "\u{1b}[0m"
  }
}
