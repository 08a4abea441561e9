/// Breaks characters into lines of a width as they come, with something in front of each line.
///
/// Lines break behind spaces and wide characters, and inside a word only when the word is longer than a
/// line; or anywhere, where that is wanted. Tabs reach to the next multiple of four columns.
struct LineFiller: Hashable {
  /// The width; no line is wider.
  let width: Int
  /// The line that is open.
  private(set) var line: TextLine

  /// What stands in front of all lines but the first.
  private let hang: TextLine
  private let hangColumns: Int
  private let breaksAnywhere: Bool
  /// Cells of the open line that stand in front of its text.
  private var prefix: Int
  private var columns: Int
  /// Columns of the text since its start.
  private var column = 0
  /// How many cells of the line stand before the place where it may be broken last.
  private var latest: Int?

  /// A filler with nothing in it but what stands in front; that goes where there is no room for it.
  init(width: Int, first: TextLine = [], hang: TextLine = [], breaksAnywhere: Bool = false) {
    self.width = width
    line = first.columns < width ? first : []
    self.hang = hang.columns < width ? hang : []
    hangColumns = self.hang.columns
    self.breaksAnywhere = breaksAnywhere
    prefix = line.count
    columns = line.columns
  }

  /// Takes in a character; lines that end go to `lines`.
  mutating func add(_ ink: Ink, to lines: inout [TextLine]) {
    var glyphs: [Glyph] = []
    if ink.letter.ascii == 0x09 {
      glyphs = Array(repeating: .space, count: 4 - column % 4)
    } else {
      Glyph.append(ink.letter.character, to: &glyphs)
    }
    for glyph in glyphs {
      column += glyph.width
      let fits = glyph.width <= width - hangColumns
      add(
        TextCell(
          glyph: fits ? glyph : .narrow, offset: ink.letter.offset, role: ink.role,
          attributes: ink.attributes), to: &lines)
    }
  }

  private mutating func add(_ cell: TextCell, to lines: inout [TextLine]) {
    if cell.glyph == .space && columns == width && !breaksAnywhere {
      lines.append(line)  // a space at the break is the break
      return begin([])
    }
    while columns + cell.glyph.width > width {
      if let latest {
        let rest = line[latest...]
        line.removeLast(rest.count)
        while line.count > prefix + 1, line.last?.glyph == .space { line.removeLast() }
        lines.append(line)
        begin(rest)
      } else {
        lines.append(line)
        begin([])
      }
    }
    line.append(cell)
    columns += cell.glyph.width
    if !breaksAnywhere, cell.glyph == .space || cell.glyph.width == 2 { latest = line.count }
  }

  private mutating func begin(_ rest: ArraySlice<TextCell>) {
    prefix = hang.count
    line = hang + rest
    columns = hangColumns + rest.reduce(0) { $0 + $1.glyph.width }
    latest = nil
  }
}
