import CScreen
package import Events

/// The terminal this process runs in, by way of curses.
@MainActor
package final class CursesTerminal: Terminal {
  /// A word about a terminal type that is not known here.
  package let notice: Notice?
  private let isUnicode: Bool

  /// Opens the terminal on standard input and output.
  ///
  /// From here on standard error is kept away from the screen, and every way out of the process gives
  /// the terminal back.
  package init() throws(ScreenError) {
    let answer = Int(cs_open())
    guard answer != Int(CS_OPEN_FAILED) else {
      throw ScreenError(
        .terminal, at: "", "no terminal could be opened; `--plain` needs none")
    }
    isUnicode = cs_is_utf8()
    let type = String(cString: cs_terminal_type())
    notice =
      answer == Int(CS_OPEN_FELL_BACK)
      ? Notice(.warning, "This terminal's type ($TERM) is not known here: it is taken for \(type).")
      : nil
  }

  package var size: (rows: Int, columns: Int) {
    var rows: Int32 = 0
    var columns: Int32 = 0
    cs_size(&rows, &columns)
    return (Int(rows), Int(columns))
  }

  package var colorDepth: ColorDepth { ColorDepth(count: Int(cs_color_count())) }

  package func show(_ changes: [Frame.Change], cursor: Frame.Place?, palette: Palette) {
    for change in changes {
      for (offset, cell) in change.cells.enumerated() {
        guard let glyph = cell.glyph else { continue }
        let paint = palette[cell.role]
        let scalars = (isUnicode ? glyph.text : glyph.plainText).unicodeScalars.map(\.value)
        cs_put(
          Int32(change.row), Int32(change.column + offset), scalars, Int32(scalars.count),
          Int32(glyph.width), Int32(paint.color ?? -1),
          paint.attributes.union(cell.attributes).rawValue)
      }
    }
    cs_cursor(Int32(cursor?.row ?? -1), Int32(cursor?.column ?? 0))
    cs_flush()
  }

  package func nextInput() -> TerminalInput? {
    switch Int(cs_signal()) {
    case Int(CS_SIGNAL_END): return .ending(signal: cs_ending_signal())
    case Int(CS_SIGNAL_INTERRUPT): return .key(.control("c"))
    case Int(CS_SIGNAL_SUSPEND): return .suspend
    case Int(CS_SIGNAL_CONTINUED): return .continued
    case Int(CS_SIGNAL_RESIZED): return .resized
    default: break
    }
    let bytes = [UInt8](unsafeUninitializedCapacity: 4096) { buffer, count in
      count = buffer.baseAddress.map { Int(cs_read($0, 4096)) } ?? 0
    }
    return bytes.isEmpty ? nil : .bytes(bytes)
  }

  package func copy(_ sequence: [UInt8]) { cs_send(sequence, Int32(sequence.count)) }
  package func ask() {
    // Those that would show the question instead of answering it.
    let type = String(cString: cs_terminal_type())
    if !["linux", "vt100", "ansi"].contains(type) { cs_ask() }
  }

  package func tellKeysApart() { cs_tell_keys_apart() }
  package func redraw() { cs_redraw() }
  package func leave() { cs_leave() }
  package func comeBack() { cs_return() }
  package func suspend() { cs_suspend() }
  package func close() { cs_close() }
}

extension Glyph {
  /// What stands for the screen's own signs where only ASCII can be shown.
  fileprivate var plainText: String {
    switch text {
    case "─", "–": "-"
    case "│": "|"
    case "·": "."
    case "▌": "_"
    case "•": "*"
    case "┼": "+"
    case "→": ">"
    case "µ": "u"
    case "…": "."
    case "█": "#"
    case "▒": "s"
    case "░": "o"
    case "◆": "!"
    case "▸": ">"
    case "▇": "#"
    case "⏎": "~"
    case "□": "?"
    case "×": "x"
    default: text
    }
  }
}
