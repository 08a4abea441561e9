package import Events
package import Foundation

/// What the store has to know of one session: the records so far, packed, and which of them it has.
///
/// Writing it says how the session stands now, not what came since: so a write that fails is repeated with
/// the next, and nothing is lost or doubled.
package struct SessionLog: Sendable {
  /// Identifies the session.
  package private(set) var id: String
  /// How many messages the person sent.
  package private(set) var turnCount = 0
  /// Whether the store lacks something.
  package private(set) var hasNews = false

  /// Whether something was said since the session was opened; until then nothing of it is written.
  private(set) var isWanted = true
  /// What was said.
  private(set) var sayings = Sayings()
  /// What a person called it as it came to be or was opened.
  private(set) var name: String?
  /// Whether the store does not know that.
  private(set) var isNameNews = false
  /// The store's count of writes as this session was last written or read; nil before.
  private(set) var touched: Int?

  /// The session's own record, which comes first.
  private(set) var session: SessionRecord?
  /// The beginning of what was said first, on one line.
  private(set) var title = ""
  /// How many tokens the model answered, rejected drafts not counted.
  private(set) var tokenCount = 0
  /// The records up to here, packed many together.
  private var pieces: [RecordPiece] = []
  /// The records behind them.
  private var tail = RecordPiece(first: 1)
  /// How many of the pieces the store has.
  private var storedPieces = 0
  /// How much of the tail the store has.
  private var storedTail = (records: 0, bytes: 0)
  /// Whether the store has a part of the tail unpacked.
  private var isLoose = false

  /// A session with no records yet.
  package init(id: String) { self.id = id }

  /// A session that the store has as `rows`, which hold `records`. Nil where a row is damaged.
  init?(id: String, name: String, touched: Int, rows: [PieceRow], records: [Record]) {
    (self.id, self.name, self.touched, isWanted) = (id, name, touched, false)
    for record in records { take(record) }
    // An answer without an end was its program's last.
    sayings.close()
    // The store may not know yet what was said.
    sayings.note(changesFrom: 0)
    let firstOpen = rows.firstIndex { $0.length == nil }
    let closedCount = firstOpen ?? max(0, rows.count - 1)
    for row in rows[..<closedCount] {
      guard let lines = row.text else { return nil }
      pieces.append(RecordPiece(row, lines: lines, grows: false))
    }
    var text = Data()
    for row in rows[closedCount...] {
      guard let lines = row.text else { return nil }
      text.append(lines)
    }
    if let first = rows[closedCount...].first {
      tail = RecordPiece(first, lines: text, grows: true)
    }
    storedPieces = pieces.count
    storedTail = (tail.count, tail.length)
    isLoose = firstOpen != nil
  }

  /// The same records as a session of its own, of which the store has nothing.
  package func copy(id: String, name: String?) -> SessionLog {
    var copy = self
    (copy.id, copy.name, copy.touched, copy.isWanted) = (id, name, nil, true)
    copy.isNameNews = name != nil
    copy.wasNeverStored()
    return copy
  }

  /// Goes on without what the store has under its name: that is gone, or another program's by now.
  mutating func goOnApart(isGone: Bool) {
    self = copy(id: isGone ? id : UUID().uuidString, name: name)
  }

  /// Adds a record behind the last one.
  package mutating func add(_ record: Record) throws(SessionError) {
    let line: Data
    do {
      line = try EventLog.line(for: record)
    } catch {
      throw SessionError(
        .system, path: "session \(id)", reason: "a record cannot be written as JSON: \(error)",
        remedy: "Please report this with the reproduction line of the answer")
    }
    take(record)
    if case .turn = record { isWanted = true }
    tail.add(line)
    hasNews = true
    guard tail.isFull else { return }
    pieces.append(tail)
    tail = RecordPiece(first: tail.first + tail.count)
    (storedTail, isLoose) = ((0, 0), false)
  }

  private mutating func take(_ record: Record) {
    switch record {
    case .session(let record): if session == nil { session = record }
    case .turn(let turn) where turn.role == .user:
      turnCount += 1
      if title.isEmpty { title = Self.title(of: turn.text) }
    case .token(let token) where token.phase == .gen: tokenCount += 1
    default: break
    }
    sayings.add(record)
  }

  /// All records as they are now; nil where there is no memory for that.
  var lines: SessionLines? {
    var text = Data()
    text.reserveCapacity((pieces.last.map { $0.length * pieces.count } ?? 0) + tail.length)
    for piece in pieces + [tail] {
      guard let lines = piece.lines else { return nil }
      text.append(lines)
    }
    return SessionLines(count: tail.first + tail.count - 1, text: text)
  }

  /// Whether writing changes something; a log that `rests` is packed as a whole.
  func isWorthWriting(rests: Bool) -> Bool { hasNews || rests && isLoose }

  /// What to write: it takes the place of every row from the first of these on.
  func rows(rests: Bool) -> [PieceRow] {
    var rows = pieces[storedPieces...].map(\.packedRow)
    if rests, tail.count > 0 {
      rows.append(tail.packedRow)
    } else if tail.count > storedTail.records {
      rows.append(tail.row(behind: storedTail.records, bytes: storedTail.bytes))
    }
    return rows
  }

  /// Notes that the store has all of it, as `rows(rests:)` gave it, since its write of number `touched`.
  mutating func wasStored(rests: Bool, touched: Int) {
    self.touched = touched
    isNameNews = false
    sayings.note()
    storedPieces = pieces.count
    storedTail = (tail.count, tail.length)
    isLoose = !rests && tail.count > 0
    hasNews = false
  }

  /// Notes that the store has nothing of it, as one that begins anew.
  mutating func wasNeverStored() {
    (storedPieces, storedTail, isLoose) = (0, (0, 0), false)
    sayings.note(changesFrom: 0)
    hasNews = session != nil
  }

  /// The beginning of what was said, on one line.
  private static func title(of message: String) -> String {
    let words = message.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return words.count > 80 ? words.prefix(79) + "…" : words
  }
}

/// The records of a session as lines of JSON.
package struct SessionLines: Sendable {
  /// How many there are.
  package let count: Int
  /// The lines, each with its line break.
  package let text: Data
}
