/// A text of Markdown in lines of a width, as it grows: what is added costs work in the line of the text
/// that is open, and in the table that is, never in what stands before.
///
/// The unit is a line of the text: each stands on lines of its own, as it was written, and emphasis ends
/// with it. A line longer than a page is taken in stretches, so that it costs no more either.
package struct MarkdownText: Hashable, Sendable {
  /// The width; no line is wider.
  package let width: Int
  /// The lines that more text does not change.
  private(set) var closed: [TextLine] = []
  private var blocks: MarkdownBlocks
  /// The byte at which the open line of the text begins, or the open stretch of it.
  private var start = 0
  /// Bytes from there on in which no piece ends.
  private var seen = 0

  /// A stretch of a long line ends at a blank behind so many bytes, and anywhere behind twice as many.
  private static let stretch = 2048

  /// The lines of `text`; there are none without any width.
  package init(_ text: String = "", width: Int) {
    self.width = max(0, width)
    blocks = MarkdownBlocks(width: width)
    extend(to: text)
  }

  /// Takes in a text that begins with the one before.
  package mutating func extend(to text: String) {
    guard width > 0 else { return }
    while let cut = Self.cut(of: text, from: start, seen: seen) {
      blocks.take(Letter.run(of: text, start..<cut.end)[...], cut.ending, &closed)
      (start, seen) = (cut.next, 0)
    }
    seen = max(0, text.utf8.count - start)
  }

  /// Bytes of the text that a frame lays out anew.
  package func openCount(of text: String) -> Int {
    max(0, text.utf8.count - start) + blocks.heldCount
  }

  /// How many lines more text does not change.
  package var closedCount: Int { closed.count }

  /// The lines behind the closed ones; where the text grows, what is begun counts as what it will be.
  func open(_ text: String, isGrowing: Bool) -> [TextLine] {
    guard width > 0 else { return [] }
    var (blocks, lines) = (blocks, [TextLine]())
    let piece = Letter.run(of: text, start..<max(start, text.utf8.count))
    if piece.isEmpty, !isGrowing, start > 0, !blocks.isInsideLine {
      blocks.finish(&lines)  // a line feed at the end begins no line
      return lines
    }
    blocks.take(piece[...], .open(isGrowing: isGrowing), &lines)
    return lines
  }

  /// Where a piece of the text ends for good.
  private struct Cut {
    let end: Int
    let next: Int
    let ending: MarkdownBlocks.Ending
  }

  /// The end of the piece that begins at a byte, which is not in the bytes `seen`; nil where more text may
  /// change it.
  private static func cut(of text: String, from start: Int, seen: Int) -> Cut? {
    let bytes = text.utf8
    guard start + seen < bytes.count else { return nil }
    var place = start + seen
    let first = bytes.index(bytes.startIndex, offsetBy: place)
    var before: UInt8 = seen > 0 ? bytes[bytes.index(before: first)] : 0
    for byte in bytes[first...] {
      if byte == 0x0a {
        let end = before == 0x0d ? place - 1 : place
        return Cut(end: end, next: place + 1, ending: .line)
      }
      let count = place - start
      let isWord = before == 0x20 && (0x21...0x7e).contains(byte)
      if count >= stretch && isWord || count >= 2 * stretch && byte & 0xc0 != 0x80 {
        return Cut(end: place, next: place, ending: .stretch)
      }
      (place, before) = (place + 1, byte)
    }
    return nil
  }
}
