/// Where the lines of a text are on a screen of a width: as it was written, or drawn as Markdown.
struct TextLayout: Hashable {
  /// What is done with the text.
  private enum Form: Hashable {
    case written(WrappedText)
    case drawn(MarkdownText)
  }

  /// The width; no line is wider.
  let width: Int
  private var form: Form

  /// The lines of a text.
  init(_ text: String, width: Int, isMarkdown: Bool) {
    self.width = width
    form =
      isMarkdown
      ? .drawn(MarkdownText(text, width: width)) : .written(WrappedText(text, width: width))
  }

  /// Takes in a text that begins with the one before.
  mutating func extend(to text: String) {
    let old = form
    // The value is taken out while it changes, so that it is not copied.
    form = .written(WrappedText(width: 0))
    switch old {
    case .written(var wrapped):
      wrapped.extend(to: text)
      form = .written(wrapped)
    case .drawn(var page):
      page.extend(to: text)
      form = .drawn(page)
    }
  }

  /// How many lines more text does not change.
  var closedCount: Int {
    switch form {
    case .written(let wrapped): wrapped.closed.count
    case .drawn(let page): page.closed.count
    }
  }

  /// One of the lines that more text does not change.
  func closed(_ number: Int, of text: String) -> TextLine {
    switch form {
    case .written(let wrapped): wrapped.cells(of: wrapped.closed[number], in: text)
    case .drawn(let page): page.closed[number]
    }
  }

  /// The lines behind those; `isGrowing` puts a sign behind the text, which goes on.
  func open(_ text: String, isGrowing: Bool) -> [TextLine] {
    switch form {
    case .written(let wrapped):
      let mark = isGrowing ? Self.sign : ""
      let lines = wrapped.open(text, more: mark)
      guard let first = lines.first else { return [] }
      let start = text.utf8.index(text.startIndex, offsetBy: Int(first.start))
      let tail = String(text[start...]) + mark
      return lines.map { wrapped.cells(of: $0, in: tail, from: Int(first.start)) }
    case .drawn(let page):
      var lines = page.open(text, isGrowing: isGrowing)
      guard isGrowing, width > 0 else { return lines }
      let sign = TextCell.ornaments(Self.sign, .text)
      if let last = lines.indices.last, lines[last].columns < width {
        lines[last] += sign
      } else {
        lines.append(sign)
      }
      return lines
    }
  }

  private static let sign = "▌"
}

extension WrappedText {
  /// A line's cells; `text` is the text from byte `base` on.
  fileprivate func cells(of line: Line, in text: String, from base: Int = 0) -> TextLine {
    var cells: TextLine = []
    walk(line, of: text, from: base) { offset, glyphs in
      cells += glyphs.map { TextCell(glyph: $0, offset: Int32(offset), role: .text) }
    }
    return cells
  }
}
