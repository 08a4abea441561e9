/// Cuts a template into tokens, and takes away the white space that its tags ask to be gone: a `-` in a
/// tag takes all of it, a tag alone on its line takes the line (`trim_blocks` and `lstrip_blocks`, as
/// chat templates are always read).
struct Lexer {
  let source: [Unicode.Scalar]
  var position = 0
  var line = 1
  var tokens: [Token] = []
  /// Whether what was read last ended a line.
  private var startsLine = true

  /// The tokens of `source`, with `.end` behind them.
  static func tokens(of source: String) throws(JinjaError) -> [Token] {
    var lexer = Lexer(source: normalized(source))
    while lexer.position < lexer.source.count { try lexer.readTextAndTag() }
    lexer.add(.end)
    return lexer.tokens
  }

  private init(source: [Unicode.Scalar]) { self.source = source }

  /// Every line end as `\n`, the last one gone.
  private static func normalized(_ source: String) -> [Unicode.Scalar] {
    var scalars: [Unicode.Scalar] = []
    var afterReturn = false
    for scalar in source.unicodeScalars {
      if scalar == "\r" || (scalar == "\n" && !afterReturn) {
        scalars.append("\n")
      } else if scalar != "\n" {
        scalars.append(scalar)
      }
      afterReturn = scalar == "\r"
    }
    if scalars.last == "\n" { scalars.removeLast() }
    return scalars
  }

  mutating func add(_ kind: Token.Kind) { tokens.append(Token(kind: kind, line: line)) }

  /// The scalar `offset` places on.
  func scalar(_ offset: Int = 0) -> Unicode.Scalar? {
    let index = position + offset
    return index < source.count ? source[index] : nil
  }

  /// Whether `text` stands `offset` places on.
  func has(_ text: StaticString, at offset: Int = 0) -> Bool {
    var index = position + offset
    for scalar in text.description.unicodeScalars {
      guard index < source.count, source[index] == scalar else { return false }
      index += 1
    }
    return true
  }

  /// Moves on by `count` scalars.
  mutating func move(_ count: Int) {
    for scalar in source[position..<min(position + count, source.count)] where scalar == "\n" {
      line += 1
    }
    position = min(position + count, source.count)
  }

  /// Moves behind white space.
  mutating func skipSpace() {
    while let scalar = scalar(), MarkedScalar(scalar).isSpace { move(1) }
  }

  private mutating func readTextAndTag() throws(JinjaError) {
    let start = position
    while let scalar = scalar(), !isTag(scalar) { move(1) }
    let text = source[start..<position]
    guard let opening = scalar(1) else { return addText(text) }
    let sign = scalar(2)
    addText(kept(text, sign: sign, beforeOutput: opening == "{"))
    move(sign == "-" || sign == "+" ? 3 : 2)
    switch opening {
    case "#": try skipComment()
    case "{":
      add(.outputBegin)
      try readTag(endsWith: "}}")
      add(.outputEnd)
    default:
      if !(try readRaw()) {
        add(.tagBegin)
        try readTag(endsWith: "%}")
        add(.tagEnd)
      }
    }
    startsLine = position > 0 && source[position - 1] == "\n"
  }

  private func isTag(_ scalar: Unicode.Scalar) -> Bool {
    guard scalar == "{", let next = self.scalar(1) else { return false }
    return next == "{" || next == "%" || next == "#"
  }

  private mutating func addText(_ text: ArraySlice<Unicode.Scalar>) {
    if !text.isEmpty { add(.text(JinjaText(text.map { MarkedScalar($0) }))) }
  }

  /// What stays of the text in front of a tag.
  private func kept(
    _ text: ArraySlice<Unicode.Scalar>, sign: Unicode.Scalar?, beforeOutput: Bool
  ) -> ArraySlice<Unicode.Scalar> {
    func isSpace(_ scalar: Unicode.Scalar) -> Bool { MarkedScalar(scalar).isSpace }
    if sign == "-" {
      return text.lastIndex { !isSpace($0) }.map { text[...$0] } ?? []
    }
    if sign == "+" || beforeOutput { return text }
    let lineStart = text.lastIndex(of: "\n").map { $0 + 1 }
    guard let start = lineStart ?? (startsLine ? text.startIndex : nil),
      text[start...].allSatisfy(isSpace)
    else { return text }
    return text[..<start]
  }

  /// Moves behind the end of a tag, and behind the white space that goes with it. False where no end is here.
  mutating func skipEnd(_ end: StaticString, takesLineEnd: Bool) -> Bool {
    if has("-") && has(end, at: 1) {
      move(3)
      skipSpace()
    } else if has("+") && has(end, at: 1) && takesLineEnd {
      move(3)
    } else if has(end) {
      move(2)
      if takesLineEnd && scalar() == "\n" { move(1) }
    } else {
      return false
    }
    return true
  }

  private mutating func skipComment() throws(JinjaError) {
    let first = line
    while scalar() != nil {
      if skipEnd("#}", takesLineEnd: true) { return }
      move(1)
    }
    throw .syntax("the comment that begins here has no end", line: first)
  }

  /// Reads `{% raw %}…{% endraw %}` if the tag that has just begun is one.
  private mutating func readRaw() throws(JinjaError) -> Bool {
    let (start, first) = (position, line)
    skipSpace()
    guard has("raw") else { return back(to: start, first) }
    move(3)
    skipSpace()
    guard skipEnd("%}", takesLineEnd: false) else { return back(to: start, first) }
    startsLine = source[position - 1] == "\n"
    let textStart = position
    while scalar() != nil {
      if has("{%") {
        let textEnd = position
        if skipEndRaw() {
          let isSigned = source[textEnd + 2] == "-" || source[textEnd + 2] == "+"
          let sign = isSigned ? source[textEnd + 2] : nil
          addText(kept(source[textStart..<textEnd], sign: sign, beforeOutput: false))
          return true
        }
      } else {
        move(1)
      }
    }
    throw .syntax("'raw' has no 'endraw'", line: first)
  }

  /// Moves behind `{% endraw %}`; where there is none, behind `{%`.
  private mutating func skipEndRaw() -> Bool {
    let (start, first) = (position, line)
    move(has("-", at: 2) || has("+", at: 2) ? 3 : 2)
    skipSpace()
    if has("endraw") {
      move(6)
      skipSpace()
      if skipEnd("%}", takesLineEnd: true) { return true }
    }
    _ = back(to: start, first)
    move(2)
    return false
  }

  private mutating func back(to start: Int, _ first: Int) -> Bool {
    (position, line) = (start, first)
    return false
  }
}
