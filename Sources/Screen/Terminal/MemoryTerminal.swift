package import Events

/// A terminal that is only remembered: for tests, and for pictures of the screen.
@MainActor
package final class MemoryTerminal: Terminal {
  /// What a call did, in order.
  package enum Event: Hashable, Sendable {
    case left
    case cameBack
    case suspended
    case closed
    case copied([UInt8])
  }

  /// Rows and columns; set it and send `.resized` to play a resize.
  package var size: (rows: Int, columns: Int)
  /// What to tell the person about it.
  package var notice: Notice?
  /// How many colours it shows.
  package let colorDepth: ColorDepth
  /// What a person does next, first first.
  package var inputs: [TerminalInput]
  /// What it shows, row by row; a wide glyph leaves an empty text behind it.
  package private(set) var rows: [[String]]
  /// Where the cursor stands.
  package private(set) var cursor: Frame.Place?
  /// The cells drawn by each call of `show`.
  package private(set) var drawnCounts: [Int] = []
  /// The palette of the last drawing.
  package private(set) var palette: Palette?
  /// What happens after each drawing: the place to press the next key.
  package var afterShow: (@MainActor (MemoryTerminal) -> Void)?
  /// Whether it was asked what it can do.
  package private(set) var wasAsked = false
  /// Whether its keyboard tells more keys apart.
  package private(set) var tellsKeysApart = false
  /// What was done to it.
  package private(set) var events: [Event] = []

  /// A blank terminal at which `inputs` wait.
  package init(
    rows: Int, columns: Int, colorDepth: ColorDepth = .many, inputs: [TerminalInput] = []
  ) {
    size = (rows, columns)
    self.colorDepth = colorDepth
    self.inputs = inputs
    self.rows = Array(repeating: Array(repeating: " ", count: columns), count: rows)
  }

  /// What it shows as text.
  package var lines: [String] { rows.map { $0.joined() } }

  package func nextInput() -> TerminalInput? { inputs.isEmpty ? nil : inputs.removeFirst() }

  package func show(_ changes: [Frame.Change], cursor: Frame.Place?, palette: Palette) {
    self.cursor = cursor
    self.palette = palette
    drawnCounts.append(changes.reduce(0) { $0 + $1.cells.count })
    for change in changes {
      for (offset, cell) in change.cells.enumerated() {
        rows[change.row][change.column + offset] = cell.glyph?.text ?? ""
      }
    }
    afterShow?(self)
  }

  package func redraw() {
    rows = Array(repeating: Array(repeating: " ", count: size.columns), count: size.rows)
  }

  package func copy(_ sequence: [UInt8]) { events.append(.copied(sequence)) }
  package func ask() { wasAsked = true }
  package func tellKeysApart() { tellsKeysApart = true }
  package func leave() { events.append(.left) }
  package func comeBack() { events.append(.cameBack) }
  package func suspend() { events.append(.suspended) }
  package func close() { events.append(.closed) }
}
