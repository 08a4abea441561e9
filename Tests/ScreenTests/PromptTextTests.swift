import Events
import Screen
import TestSupport
import Testing

/// A text of any length in the prompt.
struct PromptTextTests {
  /// A screen of this size after these keys.
  static func screen(rows: Int = 24, columns: Int = 80, _ keys: Key...) -> ScreenState {
    var state = ScreenState()
    _ = state.update(.resized(rows: rows, columns: columns))
    for key in keys { _ = state.update(.key(key)) }
    return state
  }

  @Test(arguments: 0..<60)
  func `keys cut the text into the characters that it has as a whole`(seed: UInt64) {
    var random = WildRecords(seed: seed)
    var editor = InputEditor()
    var (text, cursor) = ([Character](), 0)
    for _ in 0..<150 {
      switch random.number(0...5) {
      case 0:
        _ = editor.handle(.left)
        cursor = max(0, cursor - 1)
      case 1:
        _ = editor.handle(.right)
        cursor = min(text.count, cursor + 1)
      case 2:
        _ = editor.handle(.backspace)
        guard cursor > 0 else { break }
        cursor -= 1
        text.remove(at: cursor)
        text = Array(String(text))
        cursor = min(cursor, text.count)
      default:
        let new = random.text(2)
        for scalar in new.unicodeScalars { _ = editor.handle(.scalar(scalar)) }
        for scalar in new.unicodeScalars {
          let head = String(text[..<cursor]) + String(scalar)
          text = Array(head + String(text[cursor...]))
          cursor = min(text.count, head.count)
        }
      }
      #expect(editor.text == String(text) && editor.cursor == cursor)
    }
  }

  @Test(arguments: 0..<40)
  func `the prompt shows the rows around the cursor`(seed: UInt64) {
    var random = WildRecords(seed: seed)
    for (rows, columns) in [(24, 80), (40, 20), (12, 9), (16, 4)] {
      var state = Self.screen(rows: rows, columns: columns)
      for _ in 0..<60 {
        let keys: [Key] = [.left, .right, .home, .end, .wordLeft, .backspace, .newline]
        _ = state.update(.key(.paste(random.text(3))))
        _ = state.update(.key(keys[random.number(0...keys.count - 1)]))
        let layout = Layout(of: state)
        let all = Self.rows(of: state, columns: max(1, columns - (columns >= 6 ? 2 : 0)))
        #expect(layout.input.rows == min(all.rows.count, max(1, rows / 4)))
        let top = max(0, all.cursor.row - layout.input.rows + 1)
        let frame = draw(state)
        let sign = columns >= 6 ? (top == 0 ? "> " : "  ") : ""
        for row in 0..<layout.input.rows {
          let indent = row == 0 ? sign : String(repeating: " ", count: sign.count)
          let shown = top + row < all.rows.count ? all.rows[top + row] : ""
          let line = frame.lines[layout.input.row + row]
          #expect(line.hasPrefix(indent + shown), "\(line) \(shown)")
        }
        #expect(frame.cursor?.row == layout.input.row + all.cursor.row - top)
        #expect(frame.cursor?.column == min(sign.count + all.cursor.column, columns - 1))
      }
    }
  }

  /// All rows of what is written, from the first on, and the cursor among them.
  private static func rows(
    of state: ScreenState, columns: Int
  ) -> (rows: [String], cursor: (row: Int, column: Int)) {
    var rows = [""]
    var (column, cursor) = (0, (row: 0, column: 0))
    for (place, character) in state.editor.text.enumerated() {
      if place == state.editor.cursor { cursor = (rows.count - 1, column) }
      if character.isLineBreak {
        rows.append("")
        column = 0
        continue
      }
      for (index, glyph) in Glyph.run(of: String(character)).enumerated() {
        if column + glyph.width > columns {
          rows.append("")
          column = 0
          if place == state.editor.cursor, index == 0 { cursor = (rows.count - 1, 0) }
        }
        rows[rows.count - 1] += glyph.text
        column += glyph.width
      }
    }
    if state.editor.cursor == state.editor.text.count {
      if column >= columns {
        rows.append("")
        column = 0
      }
      cursor = (rows.count - 1, column)
    }
    return (rows, cursor)
  }
}

/// What a frame costs, counted and not timed.
@Suite(.serialized, .enabled(if: AllocationCount.isPossible, "\(AllocationCount.impossible)"))
struct FrameCostTests {
  private static func allocations(of state: ScreenState) -> Int {
    AllocationCount.watchThisThread()
    return AllocationCount.count { _ = draw(state) }
  }

  @Test(arguments: ["word ", "漢字", "🇨🇭", "a\n", "👩\u{200d}"])
  func `a frame costs the same whatever the length of what is written`(unit: String) {
    let frames = [1000, 20_000].map { count in
      let text = String(repeating: unit, count: count)
      return Self.allocations(of: PromptTextTests.screen(.paste(text), .left, .left))
    }
    #expect(frames[1] <= frames[0] + 50, "\(frames)")
  }

  @Test(arguments: ["word ", "漢字", "e\u{301}", "a\n"])
  func `a frame costs no more than half again, whatever the length of what was said`(
    unit: String
  ) {
    let frames = [1000, 20_000].map { count in
      var state = PromptTextTests.screen()
      _ = state.update(.notice(.init(.information, String(repeating: unit, count: count))))
      var scrolled = state
      _ = scrolled.update(.key(.pageUp))
      return [Self.allocations(of: state), Self.allocations(of: scrolled)]
    }
    // Long lines are laid out in stretches of some kilobytes, and one of them is walked from its start.
    #expect(zip(frames[1], frames[0]).allSatisfy { $0 <= $1 * 3 / 2 }, "\(frames)")
  }
}
