import Dials
import Events

/// The colours of a passage, cell by cell: what the token says that made the character, whether it is
/// looked at, whether it is out of sight.
struct TextPaint {
  private let state: ScreenState
  private let pieces: [Passage.Piece]
  private let base: Role
  private let sight: Sight?
  /// Whether the whole message is out of sight.
  private let hasLeft: Bool
  /// Whether what no token is known of is out of sight.
  private let isForgotten: Bool
  private let selected: Int?
  private var next = 0
  private var hasBegun = false

  init(ofPassage index: Int, in state: ScreenState, base: Role) {
    let passage = state.passages[index]
    self.state = state
    self.base = base
    pieces = passage.extent == .whole ? passage.pieces : []
    selected = state.selected
    sight = passage.turn == nil ? nil : Sight(of: state)
    // Where whole turns leave, the records name them; else positions do.
    hasLeft = passage.turn.map(state.forgotten.contains) ?? false
    isForgotten = hasLeft || sight?.forgetsStart(ofPassage: index, in: state) ?? false
  }

  /// A cell as it is shown; called in the order of the text, as nearly as that goes.
  mutating func paint(_ cell: TextCell) -> TextCell {
    var cell = cell
    if cell.role == .text { cell.role = base }
    guard cell.offset >= 0 else { return cell }
    guard let piece = piece(at: Int(cell.offset)), let entry = state.token(piece.token) else {
      if isForgotten { cell.role = .forgotten }
      return cell
    }
    if piece.token == selected {
      cell.role = .selected
      return cell
    }
    if hasLeft || sight?.forgets(entry.record.pos.rawValue) == true {
      cell.role = .forgotten
    } else if cell.role == base || state.look.colorsCode && cell.role != .rule {
      cell.role = state.look.coloring.role(of: entry) ?? cell.role
    }
    if entry.isSame == false { mark(&cell, isFirst: Int(cell.offset) == piece.start) }
    return cell
  }

  /// Marks a word that the whole model would have said differently: by a sign in the space before it, which
  /// moves nothing, or else by a line under it.
  private func mark(_ cell: inout TextCell, isFirst: Bool) {
    if isFirst, cell.glyph == .space {
      cell.glyph = Self.sign
      cell.role = .differs
    } else if cell.glyph != .space {
      cell.attributes.insert(.underline)
    }
  }

  private static let sign = Glyph.run(of: "~").first ?? .space

  /// The piece of the character that begins at a byte.
  private mutating func piece(at offset: Int) -> Passage.Piece? {
    if !hasBegun || next < pieces.count && pieces[next].start > offset {
      next = pieces.firstIndex(endingBehind: offset)
    }
    hasBegun = true
    while next < pieces.count, pieces[next].end <= offset { next += 1 }
    guard next < pieces.count, pieces[next].start <= offset else { return nil }
    return pieces[next]
  }
}

extension [Passage.Piece] {
  /// The first piece that ends behind a byte of the text, by bisection; the count where there is none.
  fileprivate func firstIndex(endingBehind offset: Int) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle].end <= offset { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

/// The line under the conversation: what the colours of its words mean.
enum ColorLegend {
  /// The rows it takes at the foot of an area.
  static func rowCount(of state: ScreenState, rows: Int) -> Int {
    let isColored = state.look.coloring != .off || hasForgotten(state)
    return rows >= 9 && isColored && state.passages.contains { $0.speaker == .model } ? 1 : 0
  }

  static func draw(
    _ state: ScreenState, in area: Area, column: Int, of frame: inout Frame
  ) {
    guard !area.isEmpty else { return }
    let spans = legend(state)
    var parts = spans.enumerated().map { (importance: $0.offset == 0 ? 1 : 0, spans: $0.element) }
    if hasForgotten(state) {
      parts.append((importance: 2, spans: [Span("out of sight", .forgotten)]))
    }
    parts.append((importance: 3, spans: [Span("/color", .hint)]))
    frame.write(fitting: parts, separator: "  ", in: area, column: column)
  }

  /// Whether something may be out of sight.
  private static func hasForgotten(_ state: ScreenState) -> Bool {
    !state.forgotten.isEmpty || Sight(of: state) != nil
  }

  private static func legend(_ state: ScreenState) -> [[Span]] {
    let coloring = state.look.coloring
    let blocks = state.blockCount ?? state.tokens.last?.record.depth.marks.count ?? 30
    let steps = zip(coloring.steps(of: blocks), Role.amounts).map { Span($0 + " ", $1) }
    let other = Span("~", .differs)
    switch coloring {
    case .exit: return [[Span("left after", .detail)], steps]
    case .known: return [[Span("known from", .detail)], steps]
    case .prob: return [[Span("probability", .detail)], steps]
    case .entropy: return [[Span("unsure, nat", .detail)], steps]
    case .agree:
      return [
        [Span("the whole model", .detail)],
        [Span("takes the same", .agrees), Span("  ", .text), other, Span("another", .differs)],
        [Span("was not asked", .text)],
      ]
    case .off: return []
    }
  }
}
