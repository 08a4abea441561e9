import Events
import Screen
import TestSupport
import Testing

extension ScreenState {
  /// The screen of a conversation after these records, with two themes to choose from.
  static func chat(_ records: [Record] = RecordedSession.make()) -> ScreenState {
    var state = ScreenState(themes: ["dark", "light"])
    for record in records { _ = state.update(.record(record)) }
    return state
  }

  /// The same on a terminal of this size.
  static func recorded(
    rows: Int, columns: Int, records: [Record] = RecordedSession.make()
  ) -> ScreenState {
    var state = ScreenState(themes: ["dark", "light"])
    _ = state.update(.resized(rows: rows, columns: columns))
    for record in records { _ = state.update(.record(record)) }
    return state
  }

  /// Types a text, Enter for a line break, and returns what is asked of the outside.
  mutating func type(_ text: String) -> [Action] {
    text.unicodeScalars.flatMap { update(.key($0 == "\n" ? .enter : .scalar($0))) }
  }
}

extension WildRecords {
  /// Any key, a paste or a character every other time.
  mutating func key() -> Key {
    let keys: [Key] = [
      .enter, .newline, .tab, .backspace, .delete, .left, .right, .up, .down, .home, .end, .pageUp,
      .pageDown, .escape, .function(1), .function(2), .function(10), .control("a"), .control("c"),
      .control("k"), .control("r"), .control("u"), .control("w"), .control("y"), .control("l"),
      .alt("b"), .alt("f"), .wordLeft, .backtab,
    ]
    if number(0...2) == 0 { return .paste(text()) }
    if number(0...2) == 0 { return .scalar(pick(["/", "h", "é", "日", "\u{301}", " "])) }
    return pick(keys)
  }
}

extension UnicodeScalar {
  /// Whether a terminal could take it for a command, or a reader be misled by it.
  var isCommand: Bool {
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: true
    default: false
    }
  }
}

extension Frame {
  /// Expects every row to be exactly as wide as the frame, wide glyphs to be whole, and nothing to be a
  /// command.
  func expectWhole(_ context: @autoclosure () -> String) {
    for row in 0..<rows {
      var column = 0
      while column < columns {
        guard let glyph = self[row, column].glyph else {
          Issue.record("half a glyph at \(row), \(column): \(context())")
          return
        }
        for offset in 1..<max(glyph.width, 1) where self[row, column + offset].glyph != nil {
          Issue.record("a cut glyph at \(row), \(column): \(context())")
        }
        for scalar in glyph.text.unicodeScalars where scalar.isCommand {
          Issue.record("U+\(String(scalar.value, radix: 16)) in a cell: \(context())")
        }
        column += glyph.width
      }
      #expect(column == columns, "\(context())")
    }
    if let cursor {
      #expect(cursor.row >= 0 && cursor.row < rows && cursor.column >= 0, "\(context())")
      #expect(cursor.column < columns, "\(context())")
    }
  }
}
