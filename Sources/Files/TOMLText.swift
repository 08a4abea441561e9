/// As much of TOML as a person's own files need: comments, keys, texts, numbers, truth values, lists, and tables
/// by their headers or by keys with dots. Dates, tables in braces and lists of tables are no part of it.
///
/// Each value's line is kept, so that an error about what it says names the place; parsers for all of TOML tell
/// it for their own errors only, and those there are end the program at some bytes.
package struct TOMLText {
  /// What a key says.
  package indirect enum Value: Hashable, Sendable {
    /// A text.
    case text(String)
    /// A whole number.
    case whole(Int)
    /// Any other number.
    case number(Double)
    /// A truth value.
    case flag(Bool)
    /// A list.
    case list([Value])
    /// A table.
    case table([String: Value])
    /// Something else, as it is written.
    case other(String)
  }

  /// A key, with the names of the tables that it stands in, and what it says.
  package struct Entry: Hashable, Sendable {
    /// The key's name, behind those of its tables.
    package var path: [String]
    /// What it says.
    package var value: Value
    /// The line that it stands on, from 1.
    package var line: Int

    /// A key that says this.
    package init(path: [String], value: Value, line: Int) {
      (self.path, self.value, self.line) = (path, value, line)
    }
  }

  /// Why a text is not of this kind.
  package struct Problem: Error, Hashable {
    /// The line, from 1.
    package var line: Int
    /// What is wrong with it.
    package var message: String
  }

  /// Lists in lists, or tables in tables, at most.
  private static let greatestDepth = 4

  private let scalars: [Unicode.Scalar]
  private var place = 0
  private var line = 1
  private var entries: [Entry] = []

  private init(_ text: String) { scalars = Array(text.unicodeScalars) }

  /// The table that a text is.
  package static func table(_ text: String) throws(Problem) -> [String: Value] {
    var reader = TOMLText(text)
    return try reader.table()
  }

  /// The keys of a text with what they say, in the order in which they stand there.
  package static func entries(of text: String) throws(Problem) -> [Entry] {
    var reader = TOMLText(text)
    _ = try reader.table()
    return reader.entries
  }

  private mutating func table() throws(Problem) -> [String: Value] {
    var root: [String: Value] = [:]
    var header: [String] = []
    while true {
      skipBlank(withLines: true)
      guard let next = peek else { return root }
      if next == "[" {
        advance()
        guard peek != "[" else { throw problem("a list of tables has no place here") }
        header = try key()
        try expect("]", "the name of a table ends in ]")
      } else {
        let start = line
        let path = header + (try key())
        try expect("=", "a key is followed by = and its value")
        skipBlank()
        let value = try value(depth: 1)
        guard path.count <= Self.greatestDepth, Self.put(value, at: path[...], in: &root) else {
          throw problem("the key \(path.joined(separator: ".")) is there twice")
        }
        entries.append(Entry(path: path, value: value, line: start))
      }
      skipBlank()
      guard peek == nil || peek == "\n" else { throw problem("a line ends behind a value") }
    }
  }

  /// Whether there was room for the value: a key has one, and a text holds no keys.
  private static func put(
    _ value: Value, at path: ArraySlice<String>, in table: inout [String: Value]
  ) -> Bool {
    guard let name = path.first else { return false }
    if path.count == 1 {
      guard table[name] == nil else { return false }
      table[name] = value
      return true
    }
    var inner: [String: Value] = [:]
    if let there = table[name] {
      guard case .table(let members) = there else { return false }
      inner = members
    }
    defer { table[name] = .table(inner) }
    return put(value, at: path.dropFirst(), in: &inner)
  }

  // MARK: - Pieces

  private mutating func key() throws(Problem) -> [String] {
    var path: [String] = []
    repeat {
      if !path.isEmpty { advance() }
      skipBlank()
      if peek == "\"" || peek == "'" {
        path.append(try text())
      } else {
        let name = take {
          $0.isASCII && ($0.properties.isAlphabetic || "0123456789_-".unicodeScalars.contains($0))
        }
        guard !name.isEmpty else { throw problem("a key is of the letters A-Z, digits, - and _") }
        path.append(name)
      }
      skipBlank()
    } while peek == "."
    return path
  }

  private mutating func value(depth: Int) throws(Problem) -> Value {
    switch peek {
    case "\"", "'": return .text(try text())
    case "[":
      guard depth < Self.greatestDepth else { throw problem("lists lie too deep in each other") }
      return .list(try list(depth: depth + 1))
    default:
      let word = take { !$0.properties.isWhitespace && !",]#=\"'[{}".unicodeScalars.contains($0) }
      guard !word.isEmpty else {
        throw problem(
          "a value is a text in quotation marks, a number, true, false or a list of such")
      }
      return Self.bare(word)
    }
  }

  /// What a word without quotation marks says.
  private static func bare(_ word: String) -> Value {
    switch word {
    case "true": return .flag(true)
    case "false": return .flag(false)
    default: break
    }
    let isGrouped = word.contains(/^[+-]?[0-9]+(_[0-9]+)*(\.[0-9]+(_[0-9]+)*)?([eE][+-]?[0-9]+)?$/)
    guard isGrouped else { return .other(word) }
    let digits = word.filter { $0 != "_" }
    if let whole = Int(digits) { return .whole(whole) }
    return Double(digits).map(Value.number) ?? .other(word)
  }

  private mutating func list(depth: Int) throws(Problem) -> [Value] {
    advance()
    var values: [Value] = []
    while true {
      skipBlank(withLines: true)
      if peek == "]" { break }
      values.append(try value(depth: depth))
      skipBlank(withLines: true)
      if peek == "," { advance() } else if peek != "]" { throw problem("a list ends in ]") }
    }
    advance()
    return values
  }

  /// A text in quotation marks; between single ones every character stands for itself.
  private mutating func text() throws(Problem) -> String {
    guard let quote = peek else { throw problem("a text is missing") }
    advance()
    if place + 1 < scalars.count, scalars[place] == quote, scalars[place + 1] == quote {
      return try textOfLines(quote)
    }
    var text = ""
    while let next = peek, next != "\n" {
      advance()
      if next == quote { return text }
      text.unicodeScalars.append(next == "\\" && quote == "\"" ? try escaped() : next)
    }
    throw problem("a text ends in the quotation mark that it began with, on the same line")
  }

  /// A text between three quotation marks: line breaks belong to it, but for the first one.
  private mutating func textOfLines(_ quote: Unicode.Scalar) throws(Problem) -> String {
    advance()
    advance()
    let start = line
    if peek == "\r" { advance() }
    if peek == "\n" { advance() }
    var text = String.UnicodeScalarView()
    var run = 0
    while let next = peek {
      advance()
      run = next == quote ? run + 1 : 0
      text.append(next == "\\" && quote == "\"" ? try escaped() : next)
      // Up to two more of them may stand before the three that end it.
      guard run >= 3, peek != quote || run == 5 else { continue }
      text.removeLast(3)
      return String(text).replacing("\r\n", with: "\n")
    }
    throw Problem(line: start, message: "a text of several lines ends in three quotation marks")
  }

  private mutating func escaped() throws(Problem) -> Unicode.Scalar {
    let letter = peek
    advance()
    switch letter {
    case "\"", "\\": return letter ?? "\\"
    case "n": return "\n"
    case "t": return "\t"
    case "u", "U":
      let count = letter == "u" ? 4 : 8
      let digits = scalars[place..<min(place + count, scalars.count)]
      let number = UInt32(String(String.UnicodeScalarView(digits)), radix: 16)
      if digits.count == count, let scalar = number.flatMap(Unicode.Scalar.init) {
        for _ in 0..<count { advance() }
        return scalar
      }
      fallthrough
    default: throw problem("behind \\ stands one of \" \\ n t, or u with four digits")
    }
  }

  // MARK: - Moving on

  private var peek: Unicode.Scalar? { place < scalars.count ? scalars[place] : nil }

  private mutating func advance() {
    if peek == "\n" { line += 1 }
    place += 1
  }

  private mutating func take(while isWanted: (Unicode.Scalar) -> Bool) -> String {
    var text = String.UnicodeScalarView()
    while let next = peek, isWanted(next) {
      text.append(next)
      advance()
    }
    return String(text)
  }

  /// Passes over spaces and comments, and over ends of lines where those mean nothing.
  private mutating func skipBlank(withLines: Bool = false) {
    while let next = peek {
      switch next {
      case " ", "\t", "\r": advance()
      case "\n" where withLines: advance()
      case "#": while let next = peek, next != "\n" { advance() }
      default: return
      }
    }
  }

  private mutating func expect(_ scalar: Unicode.Scalar, _ message: String) throws(Problem) {
    guard peek == scalar else { throw problem(message) }
    advance()
  }

  private func problem(_ message: String) -> Problem { Problem(line: line, message: message) }
}

extension TOMLText.Value: CustomStringConvertible {
  /// The text, if it is one.
  package var text: String? { if case .text(let text) = self { text } else { nil } }

  /// As it may have been written.
  package var description: String {
    switch self {
    case .text(let text): "\"\(text)\""
    case .list(let values): "[" + values.map(\.description).joined(separator: ", ") + "]"
    case .table: "a table"
    case .whole(let number): "\(number)"
    case .number(let number): "\(number)"
    case .flag(let flag): "\(flag)"
    case .other(let word): word
    }
  }
}
