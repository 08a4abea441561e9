/// A text with a cursor in it, in grapheme clusters, and where on the screen those before the cursor end.
///
/// A gap buffer: a key at the cursor costs what it changes there, however long the text is. Moving the
/// cursor costs the clusters that it passes, another width those before the cursor.
package struct PromptText: Hashable, Sendable {
  /// A place on the screen: rows from the first one of the text, columns from 0.
  struct Place: Hashable {
    var row: Int32 = 0
    var column: Int32 = 0
  }

  /// A cluster before the cursor.
  struct Cluster: Hashable {
    var text: String
    /// Where the next one begins, if it has room there.
    var end: Place
  }

  /// The clusters before the cursor, first to last.
  private(set) var before: [Cluster] = []
  /// The clusters behind it, last to first.
  private(set) var after: [String] = []
  /// Columns of a row.
  package private(set) var columns: Int
  /// Line breaks before the cursor.
  private var breaksBefore = 0

  /// The text, the cursor behind it, in rows of so many columns.
  init(_ text: String = "", columns: Int = 80) {
    self.columns = max(1, columns)
    insert(text)
  }

  /// How many clusters stand before the cursor.
  var cursor: Int { before.count }
  /// How many clusters there are.
  var count: Int { before.count + after.count }
  /// The text. O(n).
  var string: String { before.lazy.map(\.text).joined() + after.reversed().joined() }

  /// The first `count` clusters.
  func prefix(_ count: Int) -> String {
    let head = before.prefix(count).map(\.text)
    return head.joined() + after.suffix(count - head.count).reversed().joined()
  }

  /// Breaks rows at another width.
  mutating func resize(columns: Int) {
    guard max(1, columns) != self.columns else { return }
    self.columns = max(1, columns)
    var place = Place()
    for index in before.indices {
      place = end(of: before[index].text, from: place)
      before[index].end = place
    }
  }

  // MARK: - The cursor

  /// Moves the cursor in front of cluster `place`, as far as there is one.
  mutating func move(to place: Int) {
    let place = min(max(0, place), count)
    while before.count > place { if let text = pop() { after.append(text) } }
    while before.count < place, let text = after.popLast() { push(text) }
  }

  /// The first cluster of the cursor's line.
  var lineStart: Int {
    if breaksBefore == 0 { return 0 }
    return before.lastIndex { $0.text.isLineBreak }.map { $0 + 1 } ?? 0
  }

  /// The end of the cursor's line.
  var lineEnd: Int {
    cursor + after.reversed().prefix { !$0.isLineBreak }.count
  }

  /// Where the word before the cursor begins.
  var wordStart: Int {
    let gap = before.reversed().prefix { !$0.text.isWordPart }.count
    return cursor - gap - before.dropLast(gap).reversed().prefix { $0.text.isWordPart }.count
  }

  /// Where the word behind the cursor ends.
  var wordEnd: Int {
    let gap = after.reversed().prefix { !$0.isWordPart }.count
    return cursor + gap + after.dropLast(gap).reversed().prefix { $0.isWordPart }.count
  }

  // MARK: - Changes

  /// Puts `new` in front of the cursor.
  mutating func insert(_ new: String) {
    var scalars = new.unicodeScalars.makeIterator()
    guard let first = scalars.next() else { return }
    if scalars.next() == nil {
      insert(first)
    } else {
      for character in (pop() ?? "") + new { push(String(character)) }
    }
    mendSeam()
  }

  /// Puts a scalar in front of the cursor. A mark joins the cluster before it.
  private mutating func insert(_ scalar: Unicode.Scalar) {
    guard
      let length = before.last.flatMap({ Self.joins(scalar, $0.text) ? $0.text.utf8.count : nil })
    else { return push(String(scalar)) }
    // In place: a cluster may be long.
    before[before.count - 1].text += String(scalar)
    if length < Self.shownBytes, let text = pop() { push(text) }
  }

  /// Takes clusters out and returns them; the cursor stands where they were.
  mutating func remove(_ range: Range<Int>) -> String {
    let range = range.clamped(to: 0..<count)
    if range.upperBound <= cursor { move(to: range.upperBound) } else { move(to: range.lowerBound) }
    var removed: [String] = []
    while before.count > range.lowerBound, let text = pop() { removed.append(text) }
    removed.reverse()
    while removed.count < range.count, let text = after.popLast() { removed.append(text) }
    mendSeam()
    return removed.joined()
  }

  private mutating func push(_ text: String) {
    if text.isLineBreak { breaksBefore += 1 }
    before.append(Cluster(text: text, end: end(of: text, from: before.last?.end ?? Place())))
  }

  private mutating func pop() -> String? {
    guard let last = before.popLast() else { return nil }
    if last.text.isLineBreak { breaksBefore -= 1 }
    return last.text
  }

  /// Joins what became one cluster at the cursor, as a mark that now follows a letter. Letters of flags pair
  /// anew along a whole run.
  private mutating func mendSeam() {
    guard let last = before.last?.text else { return }
    var open = last
    var settled: [String] = []
    while let next = after.last, let scalar = next.unicodeScalars.first, Self.joins(scalar, open) {
      after.removeLast()
      settled += (open + next).map { String($0) }
      open = settled.removeLast()
    }
    settled.append(open)
    guard settled != [last], let first = settled.first else { return }
    _ = pop()
    push(first)
    after += settled.dropFirst().reversed()
  }

  /// Scalars of a cluster that say what joins it: its first and its last ones.
  private static let tail = 14

  /// Whether `scalar` behind a cluster is part of it.
  private static func joins(_ scalar: Unicode.Scalar, _ cluster: String) -> Bool {
    if scalar.isASCII, scalar != "\n", let last = cluster.utf8.last, last < 0x80 { return false }
    var seam = String.UnicodeScalarView()
    let scalars = cluster.unicodeScalars
    if cluster.utf8.count <= 4 * Self.tail {
      seam = scalars
    } else {
      seam.append(contentsOf: scalars.prefix(1))
      seam.append(contentsOf: scalars.suffix(Self.tail))
    }
    let old = String(seam).count
    seam.append(scalar)
    return String(seam).count == old
  }
}

extension PromptText {
  /// The rows that can be seen, and the cursor among them.
  struct Window {
    var rows: [GlyphLine]
    var cursor: (row: Int, column: Int)
    /// Whether the first one is the text's.
    var isAtStart: Bool
  }

  /// `rows` rows at most, the cursor's in sight.
  func window(rows limit: Int) -> Window {
    let place = cursorPlace
    let top = max(0, Int(place.row) - limit + 1)
    let start = before.lastIndex { $0.end.row < top }.map { $0 + 1 } ?? 0
    var here = start > 0 ? before[start - 1].end : Place()
    var rows: [GlyphLine] = []
    func makeRoom(upTo row: Int32) {
      while rows.count <= Int(row) - top { rows.append([]) }
    }
    func add(_ text: String) {
      if text.isLineBreak {
        here = Place(row: here.row + 1)
      } else {
        for glyph in Self.glyphs(of: text) {
          here = after(glyph, from: here)
          makeRoom(upTo: here.row)
          if here.row >= top { rows[Int(here.row) - top].append(glyph) }
        }
      }
    }
    for cluster in before[start...] { add(cluster.text) }
    for text in after.reversed() {
      if here.row >= top + limit { break }
      add(text)
    }
    makeRoom(upTo: max(here.row, place.row))
    return Window(
      rows: Array(rows.prefix(limit)), cursor: (Int(place.row) - top, Int(place.column)),
      isAtStart: top == 0)
  }

  /// Rows of the text with the cursor, counted up to `limit`.
  func rowCount(atMost limit: Int) -> Int {
    var place = cursorPlace
    for text in after.reversed() {
      if place.row + 1 >= limit { break }
      place = end(of: text, from: place)
    }
    return min(limit, Int(place.row) + 1)
  }

  /// Where the cursor stands: in front of what follows, which may begin a row.
  private var cursorPlace: Place {
    let end = before.last?.end ?? Place()
    let isFull =
      after.last.map { next in
        !next.isLineBreak
          && Self.glyphs(of: next).first.map { after($0, from: end).row > end.row } ?? false
      } ?? (end.column >= columns)
    return isFull ? Place(row: end.row + 1) : end
  }

  /// Where what follows `text` begins.
  private func end(of text: String, from place: Place) -> Place {
    if text.isLineBreak { return Place(row: place.row + 1) }
    return Self.glyphs(of: text).reduce(place) { after($1, from: $0) }
  }

  /// Bytes of a cluster that are shown: an emoji may be joined of thousands of parts.
  private static let shownBytes = 256

  /// What a cluster shows.
  private static func glyphs(of cluster: String) -> [Glyph] {
    guard cluster.utf8.count > shownBytes else { return Glyph.run(of: cluster) }
    var shown = String.UnicodeScalarView()
    var count = 0
    for scalar in cluster.unicodeScalars {
      count += UTF8.width(scalar)
      if count > shownBytes { break }
      shown.append(scalar)
    }
    return Glyph.run(of: String(shown))
  }

  /// No words are kept together: the cursor must be able to stand anywhere.
  private func after(_ glyph: Glyph, from place: Place) -> Place {
    let width = Int32(glyph.width)
    return Int(place.column + width) > columns
      ? Place(row: place.row + 1, column: width)
      : Place(row: place.row, column: place.column + width)
  }
}

extension String {
  fileprivate var isLineBreak: Bool { self == "\n" || self == "\r\n" }

  fileprivate var isWordPart: Bool {
    first.map { $0.isLetter || $0.isNumber || $0 == "_" } ?? false
  }
}
