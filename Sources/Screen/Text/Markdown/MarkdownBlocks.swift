/// What the lines of a Markdown text are: headings, items, quotes, code, tables. A fold over pieces of the
/// text; what one leaves open the next goes on with.
struct MarkdownBlocks: Hashable {
  /// How a piece of the text ends.
  enum Ending: Hashable {
    /// The line is over.
    case line
    /// The line goes on with the next piece.
    case stretch
    /// Nothing is behind it yet; more may come.
    case open(isGrowing: Bool)

    /// Whether more is to be expected.
    var isGrowing: Bool { self == .open(isGrowing: true) }
  }

  private let width: Int
  private var fence: CodeFence?
  private var list = MarkdownList()
  private var table: DrawnTable?
  /// The rest of a long line.
  private var rest: Rest?

  /// A line that goes on.
  private struct Rest: Hashable {
    var filler: LineFiller
    var isCode: Bool
  }

  /// The most bars of quotes that are drawn; the rest stays as it is written.
  private static let greatestQuote = 6

  /// No text yet.
  init(width: Int) { self.width = width }

  /// Whether a line goes on.
  var isInsideLine: Bool { rest != nil }

  /// Characters that are laid out anew with what comes.
  var heldCount: Int { table?.heldCount ?? 0 }

  /// Takes in a piece; its lines go to `lines`, those of a table once it is over.
  mutating func take(_ piece: Letters, _ ending: Ending, _ lines: inout [TextLine]) {
    if rest != nil { return goOn(piece, ending, &lines) }
    var (first, letters) = unquoted(piece)
    if let fence, first.count < fence.quotes * 2 {
      self.fence = nil
      (first, letters) = unquoted(piece)
    }
    if fence != nil { return takeCode(letters, first, ending, &lines) }
    if table != nil, takeRow(letters, ending, &lines) { return }
    if case .open(true) = ending, isBegun(letters) { letters = [] }
    if letters.isBlank {
      lines.append(first)
    } else if begin(letters, first, &lines, ending) {
      list.leave(letters.indent)
    } else {
      takeText(letters, first, ending, &lines)
    }
  }

  /// Gives out what was held back.
  mutating func finish(_ lines: inout [TextLine]) {
    guard let table else { return }
    self.table = nil
    if table.isTable {
      lines += table.lines(width: width)
    } else {
      put(InlineText.inks(of: table.header.letters), table.header, .line, &lines)
    }
  }

  // MARK: - Lines that go on

  private mutating func goOn(_ piece: Letters, _ ending: Ending, _ lines: inout [TextLine]) {
    guard var rest else { return }
    let endsLine = ending == .line
    let inks =
      rest.isCode
      ? fence?.lexer.inks(of: piece, endsLine: endsLine) ?? []
      : InlineText.inks(of: piece, isGrowing: ending.isGrowing)
    for ink in inks { rest.filler.add(ink, to: &lines) }
    self.rest = rest
    guard ending != .stretch else { return }
    lines.append(rest.filler.line)
    self.rest = nil
  }

  private mutating func put(
    _ inks: [Ink], _ line: MarkdownLine, _ ending: Ending, _ lines: inout [TextLine],
    isCode: Bool = false
  ) {
    var filler = LineFiller(
      width: width, first: line.first, hang: line.hang, breaksAnywhere: isCode)
    for ink in inks { filler.add(ink, to: &lines) }
    if ending == .stretch {
      rest = Rest(filler: filler, isCode: isCode)
    } else {
      lines.append(filler.line)
    }
  }

  // MARK: - Quotes

  /// The bars in front of a line, and what is behind its marks.
  private func unquoted(_ piece: Letters) -> (TextLine, Letters) {
    var (bars, letters) = (TextLine(), piece)
    let most = min(fence?.quotes ?? Self.greatestQuote, width / 8)
    for _ in 0..<most {
      let inner = letters.drop { $0.ascii == 0x20 }
      guard inner.startIndex - letters.startIndex <= 3, let mark = inner.first, mark.ascii == 0x3e
      else { break }
      bars.append(TextCell(glyph: Self.bar, offset: mark.offset, role: .rule))
      bars += TextCell.blanks(1)
      letters = inner.dropFirst()
      if letters.first?.ascii == 0x20 { letters = letters.dropFirst() }
    }
    return (bars, letters)
  }

  private static let bar = Glyph.run(of: "│").first ?? .space

  // MARK: - Code

  private mutating func takeCode(
    _ letters: Letters, _ first: TextLine, _ ending: Ending, _ lines: inout [TextLine]
  ) {
    guard var fence else { return }
    let margin = first + TextCell.blanks(fence.column)
    if ending != .stretch, let mark = fence.end(in: letters) {
      lines.append(Array((margin + fence.rule(mark)).prefix(width)))
      self.fence = nil
      return
    }
    if ending.isGrowing, fence.mayEnd(in: letters) { return lines.append(margin) }
    let code = fence.inside(letters)
    let inks = fence.lexer.inks(of: code, endsLine: ending == .line)
    self.fence = fence
    let indented = margin + TextCell.blanks(CodeFence.indent)
    put(inks, MarkdownLine(code, indented, indented, width), ending, &lines, isCode: true)
  }

  // MARK: - Tables

  /// Whether a line is one of the table that is open, or of the one that the line before may begin.
  private mutating func takeRow(
    _ letters: Letters, _ ending: Ending, _ lines: inout [TextLine]
  ) -> Bool {
    guard var table, ending != .stretch, table.take(letters, isGrowing: ending.isGrowing) else {
      finish(&lines)
      return false
    }
    self.table = table
    if case .open = ending {
      finish(&lines)
    } else if let settled = table.settled(width: width) {
      lines += settled
      self.table = table
    }
    return true
  }

  // MARK: - Blocks

  /// Whether a line that grows is but the beginning of a mark.
  private func isBegun(_ letters: Letters) -> Bool {
    let line = letters.trimmed
    guard let mark = line.first?.ascii, Set("#`~*_-+=".utf8).contains(mark), line.count <= 6 else {
      return false
    }
    return line.allSatisfy { $0.ascii == mark } && (line.count < 3 || mark == 0x23)
      && !(letters.last?.isBlank ?? false)
  }

  /// Whether a line is a heading, a rule or the beginning of code, which it then is in `lines`.
  private mutating func begin(
    _ letters: Letters, _ first: TextLine, _ lines: inout [TextLine], _ ending: Ending
  ) -> Bool {
    let inner = letters.drop(while: \.isBlank)
    let column = list.column(at: letters.indent)
    guard ending != .stretch || inner.first?.ascii == 0x23, letters.indent < 4 || column > 0
    else { return false }
    let margin = first + TextCell.blanks(min(column, width / 2))
    if let opened = CodeFence(inner, indent: letters.indent, column: margin.count - first.count) {
      fence = opened
      fence?.quotes = first.count / 2
      let head = MarkdownLine(opened.info, margin + opened.rule(opened.mark), margin, width)
      put(opened.info.map { Ink(letter: $0, role: .detail) }, head, ending, &lines)
      return true
    }
    if Self.isRule(inner) {
      let count = min(40, width - margin.columns)
      let offset = inner.first?.offset ?? TextCell.ornament
      lines.append(
        margin
          + TextCell.ornaments(String(repeating: "─", count: max(0, count))).map {
            TextCell(glyph: $0.glyph, offset: offset, role: .rule)
          })
      return true
    }
    let marks = inner.prefix { $0.ascii == 0x23 }.count
    guard (1...6).contains(marks), inner.dropFirst(marks).first?.isBlank == true else {
      return false
    }
    var title = inner.dropFirst(marks).trimmed
    let tail = title.reversed().prefix { $0.ascii == 0x23 }.count
    if tail > 0, title.dropLast(tail).last?.isBlank == true { title = title.dropLast(tail).trimmed }
    let looks: Style.Attributes = marks <= 2 ? [.bold, .underline] : .bold
    let inks = InlineText.inks(of: title, isGrowing: ending.isGrowing, looks)
    put(inks, MarkdownLine(title, margin, margin, width), ending, &lines)
    return true
  }

  /// `---`, `* * *` and the like.
  private static func isRule(_ letters: Letters) -> Bool {
    let marks = letters.filter { !$0.isBlank }
    guard marks.count >= 3, let mark = marks.first?.ascii, [0x2a, 0x2d, 0x5f].contains(mark) else {
      return false
    }
    return marks.allSatisfy { $0.ascii == mark }
  }

  private mutating func takeText(
    _ letters: Letters, _ first: TextLine, _ ending: Ending, _ lines: inout [TextLine]
  ) {
    if let item = list.item(letters, first, width: width) {
      return put(inks(of: item, ending), item, ending, &lines)
    }
    let line = list.text(letters, first, width: width)
    if line.isLiteral {
      return put(
        line.letters.map { Ink(letter: $0, role: .code) }, line, ending, &lines)
    }
    guard ending != .stretch, let begun = DrawnTable(line) else {
      return put(inks(of: line, ending), line, ending, &lines)
    }
    switch ending {
    case .open(isGrowing: true) where begun.looksLikeTable:
      table = begun
      _ = table?.take([], isGrowing: true)
      finish(&lines)
    case .open: put(inks(of: line, ending), line, ending, &lines)
    default: table = begun
    }
  }

  private func inks(of line: MarkdownLine, _ ending: Ending) -> [Ink] {
    InlineText.inks(of: line.letters, isGrowing: ending.isGrowing)
  }
}
