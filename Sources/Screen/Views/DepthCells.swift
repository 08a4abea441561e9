package import Dials
import Events
import Reports

/// Blocks brought to cells: one block to a cell where there is room, else several, the cell showing
/// what says most.
package struct DepthCells: Hashable, Sendable {
  /// Blocks in a cell; 1 where there is room.
  package let blocksPerCell: Int
  /// How many cells there are.
  package let count: Int

  /// The cells for `blocks` blocks in at most `room` cells.
  package init(blocks: Int, room: Int) {
    let blocks = max(0, blocks)
    blocksPerCell = room > 0 ? max(1, (blocks + room - 1) / room) : max(1, blocks)
    count = room > 0 ? (blocks + blocksPerCell - 1) / blocksPerCell : 0
  }

  /// The cell that holds a block, given as a count of blocks executed (1...n).
  package func cell(ofDepth depth: Int) -> Int { (depth - 1) / blocksPerCell }

  /// What a cell shows of a depth line: an exit before anything that ran, that before what did not, and
  /// `?` where all that it says is of a newer version.
  package func mark(_ cell: Int, of line: DepthLine) -> DepthLine.Mark? {
    let first = cell * blocksPerCell
    guard first >= 0, first < line.marks.count else { return nil }
    return line.mark(of: first..<min(first + blocksPerCell, line.marks.count))
  }
}

extension DepthLine {
  /// What says most of these blocks: an exit before anything that ran, that before what did not, and `?` where
  /// all that is said is of a newer version.
  func mark(of blocks: Range<Int>) -> Mark {
    let shown = marks[blocks.clamped(to: marks.indices)]
    let order: [Mark] = [.exited, .ran, .small, .skipped, .notRun, .pruned]
    return order.first { shown.contains($0) } ?? .unknown
  }
}

extension DepthLine.Mark {
  /// Something that this version does not know.
  static let unknown = DepthLine.Mark(rawValue: "?")

  /// What the screen draws for it.
  var glyph: String {
    switch self {
    case .ran: "█"
    case .small: "▒"
    case .exited: "◆"
    case .notRun: "·"
    default: String(rawValue)
    }
  }

  /// The same as the frame takes it.
  var glyphs: [Glyph] { Self.known[self] ?? Glyph.run(of: glyph) }

  private static let known = Dictionary(
    uniqueKeysWithValues: allCases.map { ($0, Glyph.run(of: $0.glyph)) })

  /// What the mark is there for.
  var role: Role {
    switch self {
    case .ran: .ran
    case .small: .small
    case .skipped: .skipped
    case .pruned: .pruned
    case .exited: .exited
    case .notRun: .notRun
    default: .detail
    }
  }
}

extension TokenRecord.Speculation.Status {
  /// What became of the guess, in a word; `?` for what this version does not know.
  var words: String {
    switch self {
    case .accepted: "right"
    case .rejected: "wrong"
    case .corrected: "wrong → fixed"
    case .bonus: "free"
    default: "?"
    }
  }

  var role: Role {
    switch self {
    case .accepted: .accepted
    case .rejected: .rejected
    case .corrected: .corrected
    case .bonus: .bonus
    default: .detail
    }
  }
}

extension TokenRecord {
  /// The token in quotation marks; bytes that are no characters on their own as `<F0 9F>`.
  var quoted: String {
    if String(validating: bytes, as: UTF8.self) != nil || bytes.isEmpty { return "\"\(token)\"" }
    let digits = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }
    return "<\(digits.joined(separator: " "))>"
  }

  /// The token as a word of the panel: without the space before it, a line break as `⏎`, the end of a message
  /// as `⏎ end`.
  var word: String {
    if special { return "⏎ end" }
    if String(validating: bytes, as: UTF8.self) == nil { return quoted }
    let text = token.drop { $0 == " " }
    if text.isEmpty { return "␣" }
    return text.allSatisfy(\.isLineBreak) ? "⏎" : String(text)
  }

  /// How sure the decision was: what the exit measured, or else the token's probability.
  var confidence: Double { exit.conf.map(Double.init) ?? probability }

  /// The token's probability.
  var probability: Double { Numbers.exponential(Double(logprob)) }
}
