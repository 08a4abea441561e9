extension Lexer {
  /// Reads the tokens of a tag up to its end. An end inside of brackets is none.
  mutating func readTag(endsWith end: StaticString) throws(JinjaError) {
    let first = line
    var open: [String] = []
    while let scalar = scalar() {
      if open.isEmpty && skipEnd(end, takesLineEnd: end.description == "%}") { return }
      if MarkedScalar(scalar).isSpace {
        move(1)
      } else if scalar == "'" || scalar == "\"" {
        try readString(quote: scalar)
      } else if MarkedScalar(scalar).isDigit {
        try readNumber()
      } else if isWord(scalar) {
        readName()
      } else {
        try readSymbol(&open)
      }
    }
    throw .syntax("the tag that begins here has no end", line: first)
  }

  private func isWord(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "_" || scalar.properties.isAlphabetic || scalar.properties.numericType != nil
  }

  private mutating func readName() {
    let start = position
    while let scalar = scalar(), isWord(scalar) { position += 1 }
    add(.name(text(start..<position)))
  }

  private func text(_ range: Range<Int>) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: source[range])
    return String(view)
  }

  private mutating func readSymbol(_ open: inout [String]) throws(JinjaError) {
    let pairs: [StaticString] = ["//", "**", "==", "!=", ">=", "<="]
    let length = pairs.contains { has($0) } ? 2 : 1
    let symbol = text(position..<position + length)
    let closing = ["(": ")", "[": "]", "{": "}"]
    if let close = closing[symbol] {
      open.append(close)
    } else if closing.values.contains(symbol), open.popLast() != symbol {
      throw .syntax("'\(symbol)' closes nothing", line: line)
    } else if length == 1, !"+-/*%~[](){}><=.:|,;".contains(symbol) {
      throw .syntax("'\(symbol)' means nothing in a tag", line: line)
    }
    add(.symbol(symbol))
    position += length
  }

  private mutating func readNumber() throws(JinjaError) {
    let start = position
    func digits(from index: Int) -> Int {
      var index = index
      while index < source.count,
        MarkedScalar(source[index]).isDigit || source[index] == "_"
      {
        index += 1
      }
      return index
    }
    var end = digits(from: start)
    var isFloat = false
    let isIndex = start > 0 && source[start - 1] == "."
    func isDigit(_ index: Int) -> Bool {
      index < source.count && MarkedScalar(source[index]).isDigit
    }
    if !isIndex, end < source.count, source[end] == ".", isDigit(end + 1) {
      (end, isFloat) = (digits(from: end + 1), true)
    }
    if !isIndex, end < source.count, source[end] == "e" || source[end] == "E" {
      let signed = end + 1 < source.count && (source[end + 1] == "-" || source[end + 1] == "+")
      let first = end + (signed ? 2 : 1)
      if isDigit(first) { (end, isFloat) = (digits(from: first), true) }
    }
    let spelling = text(start..<end).replacing("_", with: "")
    position = end
    if isFloat, let value = Double(spelling) { return add(.float(value)) }
    guard let value = Int(spelling) else {
      throw JinjaError.limit("the number \(spelling) is too large").at(line)
    }
    add(.int(value))
  }

  private mutating func readString(quote: Unicode.Scalar) throws(JinjaError) {
    let first = line
    var view = String.UnicodeScalarView()
    move(1)
    while let scalar = scalar() {
      move(1)
      if scalar == quote {
        tokens.append(Token(kind: .string(String(view)), line: first))
        return
      }
      if scalar == "\\" { try readEscape(into: &view) } else { view.append(scalar) }
    }
    throw .syntax("the text that begins here has no end", line: first)
  }

  /// Reads what stands behind a backslash; what means nothing stays as it is.
  private mutating func readEscape(into view: inout String.UnicodeScalarView) throws(JinjaError) {
    guard let scalar = scalar() else { return }
    let plain: [Unicode.Scalar: Unicode.Scalar] = [
      "n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", "\"": "\"", "a": "\u{7}",
      "b": "\u{8}", "f": "\u{C}", "v": "\u{B}",
    ]
    let widths: [Unicode.Scalar: Int] = ["x": 2, "u": 4, "U": 8]
    move(1)
    if let meaning = plain[scalar] {
      view.append(meaning)
    } else if let width = widths[scalar] {
      view.append(try readCode(width: width, radix: 16))
    } else if ("0"..."7").contains(scalar) {
      position -= 1
      view.append(try readCode(width: octalWidth, radix: 8))
    } else if scalar == "N" {
      throw JinjaError.unsupported("'\\N' in a text").at(line)
    } else if scalar != "\n" {
      view.append("\\")
      view.append(scalar)
    }
  }

  private var octalWidth: Int {
    var width = 1
    while width < 3, let next = scalar(width), ("0"..."7").contains(next) { width += 1 }
    return width
  }

  private mutating func readCode(width: Int, radix: Int) throws(JinjaError) -> Unicode.Scalar {
    let digits = text(position..<min(position + width, source.count))
    guard digits.unicodeScalars.count == width, let code = UInt32(digits, radix: radix),
      let scalar = Unicode.Scalar(code)
    else { throw .syntax("'\(digits)' is no number of a character", line: line) }
    move(width)
    return scalar
  }
}
