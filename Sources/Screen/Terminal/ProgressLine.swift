import Files
import Foundation
import Reports
import Synchronization

/// One line on the error output that is drawn again as work goes on. Where the error output is no
/// terminal, nothing is drawn.
package final class ProgressLine: Sendable {
  /// Whether the error output is a terminal.
  package static let isTerminal = isatty(STDERR_FILENO) == 1

  private let drawn = Mutex<String?>(nil)

  /// A line that is not there yet.
  package init() {}

  /// Draws label, bar, share, bytes and a note, if they differ from what is there.
  package func draw(_ label: String, bytes: Int, of total: Int, note: String = "") {
    guard Self.isTerminal, total > 0 else { return }
    draw(Self.line(label, bytes: bytes, of: total) + (note.isEmpty ? "" : ", \(note)"))
  }

  /// Draws label, bar and share of things that are counted.
  package func draw(_ label: String, count: Int, of total: Int) {
    draw("\(label) (\(count)/\(total))", bytes: count, of: total)
  }

  /// Draws a line, if it differs from what is there.
  package func draw(_ line: String) {
    guard Self.isTerminal else { return }
    drawn.withLock { drawn in
      guard drawn != line else { return }
      let rest = String(repeating: " ", count: max(0, (drawn?.count ?? 0) - line.count))
      drawn = line
      StandardStreams.writeError("\r\(line)\(rest)")
    }
  }

  /// Ends the line, so that the next output begins on its own.
  package func finish() {
    drawn.withLock { drawn in
      if drawn != nil { StandardStreams.writeError("\n") }
      drawn = nil
    }
  }

  /// Takes the line away.
  package func clear() {
    drawn.withLock { drawn in
      if let width = drawn?.count {
        let blank = String(repeating: " ", count: width)
        StandardStreams.writeError("\r\(blank)\r")
      }
      drawn = nil
    }
  }

  /// `unpacking [##########..........]  50 % of 98.4 MB`
  static func line(_ label: String, bytes: Int, of total: Int) -> String {
    let share = Double(bytes) / Double(total)
    let cells = 30
    let filled = min(cells, Int(share * Double(cells)))
    let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: cells - filled)
    let percent = String(Int(share * 100))
    let padding = String(repeating: " ", count: max(0, 3 - percent.count))
    return "\(label) [\(bar)] \(padding)\(percent) % of \(total.megabytes)"
  }
}
