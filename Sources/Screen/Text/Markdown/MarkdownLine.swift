/// A line of the text, with what stands in front of it on the screen.
struct MarkdownLine: Hashable {
  /// Its characters.
  let letters: Letters
  /// What stands in front of it: bars, a bullet.
  let first: TextLine
  /// What stands in front of the lines of the screen that it goes on.
  let hang: TextLine
  /// The width of the screen.
  let width: Int
  /// Whether its marks mean nothing.
  var isLiteral = false

  init(_ letters: Letters, _ first: TextLine, _ hang: TextLine, _ width: Int) {
    (self.letters, self.first, self.hang, self.width) = (letters, first, hang, width)
  }
}

/// The items in which the text stands, outer ones first.
struct MarkdownList: Hashable {
  private var levels: [Level] = []

  private struct Level: Hashable {
    /// Columns in front of its mark, in the text.
    let indent: Int
    /// Columns in front of its words, on the screen.
    let column: Int
  }

  private static let greatestDepth = 12

  /// Columns, on the screen, in front of what is indented so far in the text.
  func column(at indent: Int) -> Int { levels.last { $0.indent + 2 <= indent }?.column ?? 0 }

  /// Forgets the items that something so far indented does not belong to.
  mutating func leave(_ indent: Int) {
    while let last = levels.last, last.indent + 2 > indent { levels.removeLast() }
  }

  /// The line as an item; nil where it is none.
  mutating func item(_ letters: Letters, _ bars: TextLine, width: Int) -> MarkdownLine? {
    let inner = letters.drop(while: \.isBlank)
    guard let mark = Self.mark(of: inner), letters.indent < 4 || !levels.isEmpty else { return nil }
    while let last = levels.last, last.indent + 2 > letters.indent { levels.removeLast() }
    let outer = min(levels.last?.column ?? 0, max(0, width / 2 - 4))
    guard outer + mark - inner.startIndex + 5 <= width else { return nil }
    var cells = inner[..<mark].flatMap { letter in
      Glyph.run(of: String(letter.character)).map {
        TextCell(glyph: $0, offset: letter.offset, role: .text)
      }
    }
    if cells.count == 1 { cells[0].glyph = Self.bullet }
    let column = outer + cells.count + 1
    if levels.count < Self.greatestDepth {
      levels.append(Level(indent: letters.indent, column: column))
    }
    let first = bars + TextCell.blanks(outer) + cells + TextCell.blanks(1)
    return MarkdownLine(
      inner[mark...].drop(while: \.isBlank), first, bars + TextCell.blanks(column), width)
  }

  /// The line as text, which belongs to the item that it is indented for.
  mutating func text(_ letters: Letters, _ bars: TextLine, width: Int) -> MarkdownLine {
    let wasList = !levels.isEmpty
    leave(letters.indent)
    guard let last = levels.last else {
      var line = MarkdownLine(letters, bars, bars, width)
      line.isLiteral = !wasList && letters.indent >= 4
      return line
    }
    let margin = bars + TextCell.blanks(min(last.column, width / 2))
    return MarkdownLine(letters.drop(while: \.isBlank), margin, margin, width)
  }

  private static let bullet = Glyph.run(of: "•").first ?? .space

  /// Where the mark of an item ends; nil where there is none.
  private static func mark(of letters: Letters) -> Int? {
    guard let first = letters.first else { return nil }
    let digits = letters.prefix(10).prefix(while: \.isDigit).count
    var end = letters.startIndex + 1
    if (1...9).contains(digits) {
      let sign = letters.startIndex + digits
      guard sign < letters.endIndex, [0x2e, 0x29].contains(letters[sign].ascii) else { return nil }
      end = sign + 1
    } else if ![0x2a, 0x2b, 0x2d].contains(first.ascii) {
      return nil
    }
    return end < letters.endIndex && letters[end].isBlank ? end : nil
  }
}

/// A block of code that is open.
struct CodeFence: Hashable {
  /// The marks that began it.
  let mark: Letters
  /// What stands behind them: the language.
  let info: Letters
  /// Columns in front of it, in the text and on the screen.
  let indent: Int
  let column: Int
  /// The quotes in which it stands.
  var quotes = 0
  /// What the lines look like.
  var lexer: CodeLexer

  /// Columns in front of code.
  static let indent = 2

  /// The block that a line begins; nil where it begins none.
  init?(_ line: Letters, indent: Int, column: Int) {
    guard let first = line.first?.ascii, first == 0x60 || first == 0x7e else { return nil }
    mark = line.prefix { $0.ascii == first }
    info = line.dropFirst(mark.count).trimmed
    guard mark.count >= 3, first == 0x7e || !info.contains(where: { $0.ascii == 0x60 }) else {
      return nil
    }
    (self.indent, self.column) = (indent, column)
    let name = info.prefix(24).prefix { !$0.isBlank && $0.ascii != 0x2c && $0.ascii != 0x7b }
    lexer = CodeLexer(.named(name.text))
  }

  /// The marks that end it, if a line is nothing else.
  func end(in line: Letters) -> Letters? {
    let line = line.trimmed
    guard line.count >= mark.count, mayEnd(in: line) else { return nil }
    return line
  }

  /// Whether a line that grows may become its end.
  func mayEnd(in line: Letters) -> Bool {
    let line = line.trimmed
    return !line.isEmpty && line.allSatisfy { $0.ascii == mark.first?.ascii }
  }

  /// A line of code without the columns that the block is indented.
  func inside(_ line: Letters) -> Letters {
    var line = line
    for _ in 0..<indent where line.first?.ascii == 0x20 { line = line.dropFirst() }
    return line
  }

  /// How the marks are drawn.
  func rule(_ marks: Letters) -> TextLine {
    let text = marks.prefix(2).compactMap { letter in
      Glyph.run(of: "─").first.map { TextCell(glyph: $0, offset: letter.offset, role: .rule) }
    }
    return text + (info.isEmpty ? [] : TextCell.blanks(1))
  }
}
