/// Finds comments, strings, numbers and words of a language in lines of code, one line after the other.
struct CodeLexer: Hashable {
  private let comments: [[UInt8]]
  private let block: (begin: [UInt8], end: [UInt8])?
  private let strings: [[UInt8]]
  private let language: CodeLanguage
  private var mode = Mode.code

  /// What the line before left open.
  private enum Mode: Hashable {
    case code
    case comment
    case string([UInt8])
  }

  /// The longest word that may be one of the language.
  private static let longestWord = 24

  init(_ language: CodeLanguage) {
    self.language = language
    comments = language.lineComments.map { Array($0.utf8) }
    strings = language.strings.map { Array($0.utf8) }
    let marks = language.blockComment.map { Array($0.utf8) }
    block = marks.count == 2 ? (marks[0], marks[1]) : nil
  }

  static func == (a: CodeLexer, b: CodeLexer) -> Bool {
    a.language == b.language && a.mode == b.mode
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(language.names)
    hasher.combine(mode)
  }

  /// The looks of a line, or of a stretch of one; `endsLine` where the line is over behind it.
  mutating func inks(of line: Letters, endsLine: Bool) -> [Ink] {
    var inks: [Ink] = []
    inks.reserveCapacity(line.count)
    var index = line.startIndex
    while index < line.endIndex {
      let (end, role) = piece(of: line, from: index)
      for place in index..<max(end, index + 1) { inks.append(Ink(letter: line[place], role: role)) }
      index = max(end, index + 1)
    }
    if endsLine, case .string(let mark) = mode, mark.count == 1, mark != Self.backtick {
      mode = .code
    }
    return inks
  }

  private static let backtick = Array("`".utf8)

  /// The end of what begins at an index, and its role.
  private mutating func piece(of line: Letters, from index: Int) -> (end: Int, role: Role) {
    switch mode {
    case .comment:
      let end = block.flatMap { find($0.end, in: line, from: index) }
      if end != nil { mode = .code }
      return (end ?? line.endIndex, .codeComment)
    case .string(let mark): return (endOfString(mark, in: line, from: index), .codeString)
    case .code: break
    }
    if let block, line.has(block.begin, at: index) {
      mode = .comment
      return (index + block.begin.count, .codeComment)
    }
    let follows = index > line.startIndex && line[index - 1].isWordPart
    if !follows, comments.contains(where: { line.has($0, at: index) }), !isKeyword(line, index) {
      return (line.endIndex, .codeComment)
    }
    if let mark = strings.first(where: { line.has($0, at: index) }), !(follows && mark == [0x27]) {
      mode = .string(mark)
      return (endOfString(mark, in: line, from: index + mark.count), .codeString)
    }
    return word(of: line, from: index)
  }

  /// `#include` and the like where a `#` begins comments or words.
  private func isKeyword(_ line: Letters, _ index: Int) -> Bool {
    line[index].ascii == 0x23 && word(of: line, from: index).role == .codeKeyword
  }

  private func word(of line: Letters, from index: Int) -> (end: Int, role: Role) {
    var end = index + 1
    if line[index].isDigit {
      while end < line.endIndex, line[end].isWordPart || line[end].ascii == 0x2e { end += 1 }
      return (end, .codeNumber)
    }
    guard line[index].isWordPart || line[index].ascii == 0x23 else { return (end, .code) }
    while end < line.endIndex, line[end].isWordPart { end += 1 }
    guard end - index <= Self.longestWord else { return (end, .code) }
    let word = line[index..<end].text
    let isKnown = language.keywords.contains(language.ignoresCase ? word.lowercased() : word)
    return (end, isKnown ? .codeKeyword : .code)
  }

  private mutating func endOfString(_ mark: [UInt8], in line: Letters, from start: Int) -> Int {
    var index = start
    while index < line.endIndex {
      if line[index].ascii == 0x5c {
        index += 2
      } else if line.has(mark, at: index) {
        mode = .code
        return index + mark.count
      } else {
        index += 1
      }
    }
    return line.endIndex
  }

  private func find(_ mark: [UInt8], in line: Letters, from start: Int) -> Int? {
    var index = start
    while index + mark.count <= line.endIndex {
      if line.has(mark, at: index) { return index + mark.count }
      index += 1
    }
    return nil
  }
}
