/// Where the lines of a text begin at a width; a text that grows costs what is added to it.
///
/// Breaks at line feeds, then after spaces and wide characters, and inside a word only when the word is
/// longer than a line. Tabs reach to the next multiple of four columns.
package struct WrappedText: Hashable, Sendable {
  /// A line, as a stretch of the text's glyphs.
  struct Line: Hashable {
    /// The byte of UTF-8 at which the character of its first glyph begins.
    var start: Int32
    /// How many glyphs of that character stand on lines before.
    var skipped: Int32 = 0
    /// Columns before that character in its paragraph, modulo 4.
    var column: Int32 = 0
    /// Glyphs.
    var count: Int32 = 0
  }

  /// The width; no line is wider.
  let width: Int
  /// The lines that more text does not change.
  private(set) var closed: [Line] = []
  private var breaker: LineBreaker
  /// The byte at which the last character begins, which more text may change.
  private var lastStart = 0

  /// The lines of `text`; there are none without any width.
  init(_ text: String = "", width: Int) {
    self.width = width
    breaker = LineBreaker(width: width)
    extend(to: text)
  }

  /// Takes in a text that begins with the one before.
  mutating func extend(to text: String) {
    guard width > 0 else { return }
    var start = text.utf8.index(text.startIndex, offsetBy: lastStart)
    while start < text.endIndex {
      let end = text.index(after: start)
      if end == text.endIndex { return }
      breaker.add(text[start], at: lastStart, &closed)
      lastStart += text.utf8.distance(from: start, to: end)
      start = end
    }
  }

  /// The lines behind the closed ones, of the text with `more` behind it.
  func open(_ text: String, more: String = "") -> [Line] {
    guard width > 0 else { return [] }
    var (breaker, lines, offset) = (breaker, [Line](), lastStart)
    let start = text.utf8.index(text.startIndex, offsetBy: lastStart)
    for character in text[start...] + more {
      breaker.add(character, at: offset, &lines)
      offset += character.utf8.count
    }
    lines.append(breaker.line)
    return lines
  }

  /// The glyphs of a line; `each` sees every character's first byte, and its glyphs in this line. `text` is
  /// the text from byte `base` on.
  func walk(_ line: Line, of text: String, from base: Int = 0, each: (Int, [Glyph]) -> Void) {
    var index = text.utf8.index(text.startIndex, offsetBy: Int(line.start) - base)
    var (offset, column) = (Int(line.start), Int(line.column))
    var (skipped, left) = (Int(line.skipped), Int(line.count))
    while left > 0, index < text.endIndex {
      let character = text[index]
      let glyphs = LineBreaker.glyphs(of: character, column: column)
      let part = glyphs.dropFirst(skipped).prefix(left)
      each(offset, part.map { $0.width > width ? Glyph.narrow : $0 })
      left -= part.count
      skipped = 0
      column += glyphs.reduce(0) { $0 + $1.width }
      offset += character.utf8.count
      index = text.index(after: index)
    }
  }
}

/// Breaks glyphs into lines as they come.
private struct LineBreaker: Hashable {
  let width: Int
  /// The line that is open.
  private(set) var line = WrappedText.Line(start: 0)
  /// Its columns.
  private var columns = 0
  /// Spaces at its end.
  private var spaces: Int32 = 0
  /// Where it may be broken last.
  private var latest: Break?
  /// Columns of the paragraph.
  private var column = 0

  /// A place where a line may be broken.
  private struct Break: Hashable {
    /// The line that would begin there.
    var next: WrappedText.Line
    /// What stands before it on its line: glyphs, those without spaces at the end, columns.
    var count: Int32
    var trimmed: Int32
    var columns: Int
  }

  init(width: Int) { self.width = width }

  static func glyphs(of character: Character, column: Int) -> [Glyph] {
    if character == "\t" { return Array(repeating: .space, count: 4 - column % 4) }
    var glyphs: [Glyph] = []
    Glyph.append(character, to: &glyphs)
    return glyphs
  }

  /// Takes in the character that begins at byte `offset`; lines that end go to `lines`.
  mutating func add(_ character: Character, at offset: Int, _ lines: inout [WrappedText.Line]) {
    if character.isLineBreak {
      lines.append(line)
      column = 0
      begin(WrappedText.Line(start: Int32(offset + character.utf8.count)), columns: 0)
      return
    }
    let start = column % 4
    for (place, glyph) in Self.glyphs(of: character, column: column).enumerated() {
      let here = WrappedText.Line(
        start: Int32(offset), skipped: Int32(place), column: Int32(start))
      add(glyph, at: here, &lines)
      column += glyph.width
    }
  }

  private mutating func add(
    _ glyph: Glyph, at here: WrappedText.Line, _ lines: inout [WrappedText.Line]
  ) {
    var next = here
    next.skipped += 1
    if glyph == .space && columns == width {  // a space at the break is the break
      lines.append(line)
      return begin(next, columns: 0)
    }
    let glyphWidth = glyph.width > width ? Glyph.narrow.width : glyph.width
    while columns + glyphWidth > width {
      if let latest {
        let rest = line.count - latest.count
        line.count = latest.trimmed
        lines.append(line)
        begin(latest.next, columns: columns - latest.columns)
        line.count = rest
      } else {
        lines.append(line)
        begin(here, columns: 0)
      }
    }
    columns += glyphWidth
    line.count += 1
    spaces = glyph == .space ? spaces + 1 : 0
    if glyph == .space || glyph.width == 2 {
      latest = Break(
        next: next, count: line.count, trimmed: max(1, line.count - spaces), columns: columns)
    }
  }

  private mutating func begin(_ line: WrappedText.Line, columns: Int) {
    self.line = line
    self.columns = columns
    (spaces, latest) = (0, nil)
  }
}
