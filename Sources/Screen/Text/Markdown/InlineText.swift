/// The characters of a line of Markdown with their looks: emphasis, code, links. The marks are gone where
/// they mean something, and stay where they do not.
///
/// Where the line may still grow, what is begun counts as what it will be: a word behind `**` is bold at
/// once, and marks at the very end wait for what comes.
struct InlineText {
  private let letters: Letters
  private let isGrowing: Bool
  private var items: [Item] = []
  private var delimiters: [Delimiter] = []
  /// Delimiters that may still be closed, outer ones first.
  private var openers: [Int] = []
  private var link: Link?
  /// Where the next `]` is: looked for once, however many `[` there are.
  private var bracket = 0
  /// Lengths of runs of backticks that nothing closes.
  private var unclosed: Set<Int> = []

  private enum Item {
    case ink(Ink)
    case delimiter(Int)
  }

  /// A run of `*`, `_` or `~`.
  private struct Delimiter {
    let marks: Letters
    let canOpen: Bool
    let canClose: Bool
    /// Marks that mean nothing yet.
    var left: Int
    /// How many marks each emphasis has that begins or ends here.
    var opens: [Int] = []
    var closes: [Int] = []

    var marker: UInt8 { marks.first?.ascii ?? 0 }
  }

  private struct Link {
    /// The `]` behind its text.
    let close: Int
    let address: Range<Int>
    /// Where the line goes on.
    let end: Int
  }

  /// How far back a mark looks for its partner; what is nested deeper stays as it is written.
  private static let greatestDepth = 32
  /// The longest text and the longest address of a link, in characters.
  private static let longestLink = 600
  private static let escapable = Set("*_`#~|>".utf8)

  /// The looks of a line; `attributes` are those of all of it.
  static func inks(
    of letters: Letters, isGrowing: Bool = false, _ attributes: Style.Attributes = []
  ) -> [Ink] {
    var text = InlineText(letters: letters, isGrowing: isGrowing)
    text.read()
    if isGrowing { text.closeAll() }
    return text.inks(attributes)
  }

  private init(letters: Letters, isGrowing: Bool) {
    self.letters = letters
    self.isGrowing = isGrowing
  }

  // MARK: - Reading

  private mutating func read() {
    var index = letters.startIndex
    while index < letters.endIndex {
      if let link, index >= link.close {
        index = end(link)
        continue
      }
      switch letters[index].ascii {
      case 0x5c where index + 1 < limit && Self.escapable.contains(letters[index + 1].ascii):
        put(letters[index + 1])
        index += 2
      case 0x60: index = readCode(from: index)
      case 0x2a, 0x5f, 0x7e: index = readDelimiter(from: index)
      case 0x5b where link == nil: index = readLink(from: index)
      case 0x21 where link == nil && letters.has([0x21, 0x5b], at: index):
        let next = readLink(from: index + 1, isPicture: true)
        if link == nil { put(letters[index]) }
        index = link == nil ? index + 1 : next
      case 0x68 where isAddress(at: index): index = readAddress(from: index)
      default:
        put(letters[index])
        index += 1
      }
    }
  }

  /// Where what begins here has to end: at the end of the link's text, or of the line.
  private var limit: Int { link?.close ?? letters.endIndex }

  private mutating func put(_ letter: Letter, _ role: Role = .text) {
    items.append(.ink(Ink(letter: letter, role: role, attributes: link == nil ? [] : .underline)))
  }

  private func count(of byte: UInt8, from index: Int) -> Int {
    letters[index..<limit].prefix { $0.ascii == byte }.count
  }

  /// A stretch in backticks.
  private mutating func readCode(from index: Int) -> Int {
    let marks = count(of: 0x60, from: index)
    let start = index + marks
    var end = unclosed.contains(marks) ? nil : endOfCode(marks, from: start)
    if end == nil {
      unclosed.insert(marks)
      // What is begun in a growing line is code, and marks at its end wait.
      if isGrowing && link == nil { end = letters.endIndex }
    }
    guard let end else {
      for place in index..<start { put(letters[place]) }
      return start
    }
    var inside = letters[start..<end]
    if inside.count > 2, inside.first?.ascii == 0x20, inside.last?.ascii == 0x20 {
      inside = inside.dropFirst().dropLast()
    }
    for letter in inside { put(letter, .code) }
    return min(end + marks, letters.endIndex)
  }

  private func endOfCode(_ marks: Int, from start: Int) -> Int? {
    var index = start
    while index < limit {
      let run = count(of: 0x60, from: index)
      if run == marks { return index }
      index += max(1, run)
    }
    return nil
  }

  private mutating func readDelimiter(from index: Int) -> Int {
    let marker = letters[index].ascii
    let run = count(of: marker, from: index)
    let end = index + run
    guard run <= 3, marker != 0x7e || run == 2 else {
      for place in index..<end { put(letters[place]) }
      return end
    }
    let before = index > letters.startIndex ? letters[index - 1] : nil
    let after = end < letters.endIndex ? letters[end] : nil
    var canOpen = after.map { !$0.character.isWhitespace } ?? isGrowing
    var canClose = before.map { !$0.character.isWhitespace } ?? false
    if before?.isWordPart == true, marker == 0x5f || run == 1 && after?.isWordPart == true {
      canOpen = false
    }
    // What is behind a word and before a full stop begins nothing.
    if before?.isWordPart == true, let after, !after.isWordPart { canOpen = false }
    if after?.isWordPart == true, marker == 0x5f || run == 1 && before?.isWordPart == true {
      canClose = false
    }
    delimiters.append(
      Delimiter(
        marks: letters[index..<end], canOpen: canOpen, canClose: canClose, left: run))
    items.append(.delimiter(delimiters.count - 1))
    pair(delimiters.count - 1)
    return end
  }

  /// Finds what a delimiter closes; what is left of it may open something.
  private mutating func pair(_ closer: Int) {
    while delimiters[closer].canClose, delimiters[closer].left > 0 {
      let marker = delimiters[closer].marker
      let near = openers.suffix(Self.greatestDepth)
      guard let place = near.lastIndex(where: { delimiters[$0].marker == marker }) else { break }
      let opener = openers[place]
      let count = min(2, delimiters[opener].left, delimiters[closer].left)
      delimiters[opener].opens.append(count)
      delimiters[closer].closes.append(count)
      delimiters[opener].left -= count
      delimiters[closer].left -= count
      openers.removeLast(openers.count - place - (delimiters[opener].left > 0 ? 1 : 0))
    }
    if delimiters[closer].canOpen, delimiters[closer].left > 0 { openers.append(closer) }
  }

  /// Counts what is open at the end of a growing line as what it will be.
  private mutating func closeAll() {
    for opener in openers {
      let left = delimiters[opener].left
      delimiters[opener].opens += left == 3 ? [1, 2] : [left]
      delimiters[opener].left = 0
    }
    // Marks at the very end may be half of what they will be.
    if case .delimiter(let last) = items.last { delimiters[last].left = 0 }
  }

  // MARK: - Links

  /// `[text](address)`, drawn as `text (address)`: it is seen where a link leads.
  private mutating func readLink(from index: Int, isPicture: Bool = false) -> Int {
    link = link(from: index)
    if link == nil, !isPicture { put(letters[index]) }
    return index + 1
  }

  private mutating func link(from index: Int) -> Link? {
    bracket = max(bracket, index + 1)
    while bracket < letters.endIndex, letters[bracket].ascii != 0x5d { bracket += 1 }
    let close = bracket
    guard close > index + 1, close - index <= Self.longestLink,
      letters.has([0x5d, 0x28], at: close)
    else { return nil }
    let start = close + 2
    var depth = 0
    for place in start..<min(letters.endIndex, start + Self.longestLink) {
      let letter = letters[place]
      if letter.character.isWhitespace { return nil }
      if letter.ascii == 0x28 { depth += 1 }
      guard letter.ascii == 0x29 else { continue }
      if depth == 0 { return Link(close: close, address: start..<place, end: place + 1) }
      depth -= 1
    }
    guard isGrowing, letters.endIndex - start < Self.longestLink else { return nil }
    return Link(close: close, address: start..<letters.endIndex, end: letters.endIndex)
  }

  private mutating func end(_ link: Link) -> Int {
    self.link = nil
    let isClosed = link.end > link.address.upperBound
    put(Letter(" ", at: letters[link.close].offset), .address)
    put(letters[link.close + 1], .address)
    for place in link.address { put(letters[place], .address) }
    if isClosed { put(letters[link.end - 1], .address) }
    return link.end
  }

  private static let schemes = ["http://", "https://"].map { Array($0.utf8) }

  private func isAddress(at index: Int) -> Bool {
    if index > letters.startIndex, letters[index - 1].isWordPart { return false }
    return Self.schemes.contains { letters.has($0, at: index) }
  }

  /// An address that stands for itself: no mark in it means anything.
  private mutating func readAddress(from index: Int) -> Int {
    var end = index
    while end < limit, !letters[end].character.isWhitespace, letters[end].ascii != 0x3e,
      letters[end].ascii != 0x60
    { end += 1 }
    while end > index + 1, Set("*_~.,;:!?)\"'".utf8).contains(letters[end - 1].ascii) { end -= 1 }
    for place in index..<end { put(letters[place], .address) }
    return end
  }

  // MARK: - Looks

  private func inks(_ base: Style.Attributes) -> [Ink] {
    var inks: [Ink] = []
    inks.reserveCapacity(items.count)
    var (strong, slanted, struck) = (0, 0, 0)
    func turn(_ counts: [Int], _ marker: UInt8, by step: Int) {
      for count in counts {
        if marker == 0x7e {
          struck += step
        } else if count == 2 {
          strong += step
        } else {
          slanted += step
        }
      }
    }
    for item in items {
      switch item {
      case .ink(var ink):
        ink.attributes.formUnion(base)
        if strong > 0 { ink.attributes.insert(.bold) }
        if slanted > 0 { ink.attributes.insert(.italic) }
        if struck > 0 { ink.attributes.insert(.dim) }
        inks.append(ink)
      case .delimiter(let place):
        let delimiter = delimiters[place]
        turn(delimiter.closes, delimiter.marker, by: -1)
        // No terminal strikes out: the marks stay.
        let kept = delimiter.marker == 0x7e ? delimiter.marks.count : delimiter.left
        inks += delimiter.marks.prefix(kept).map { Ink(letter: $0, attributes: base) }
        turn(delimiter.opens, delimiter.marker, by: 1)
      }
    }
    return inks
  }
}
