/// As much of TOML as a theme needs: comments, keys, texts on one line, lists, and tables by their headers or
/// by keys with dots. A parser for all of TOML would be more than themes need, and those there are end the
/// program at some bytes.
struct ThemeText {
  /// What a key says.
  indirect enum Value {
    /// A text.
    case text(String)
    /// A list.
    case list([Value])
    /// A table.
    case table([String: Value])
    /// A number, a truth value or a date, as it is written: a theme has none.
    case other(String)
  }

  /// Why a text is no theme.
  struct Problem: Error {
    /// The line, from 1.
    var line: Int
    /// What is wrong with it.
    var message: String
  }

  /// Lists in lists, or tables in tables, at most.
  private static let greatestDepth = 4

  private let scalars: [Unicode.Scalar]
  private var place = 0
  private var line = 1

  private init(_ text: String) { scalars = Array(text.unicodeScalars) }

  /// The table that a text is.
  static func table(_ text: String) throws(Problem) -> [String: Value] {
    var reader = ThemeText(text)
    return try reader.table()
  }

  private mutating func table() throws(Problem) -> [String: Value] {
    var root: [String: Value] = [:]
    var header: [String] = []
    while true {
      skipBlank(withLines: true)
      guard let next = peek else { return root }
      if next == "[" {
        advance()
        guard peek != "[" else { throw problem("a list of tables has no place in a theme") }
        header = try key()
        try expect("]", "the name of a table ends in ]")
      } else {
        let path = header + (try key())
        try expect("=", "a key is followed by = and its value")
        skipBlank()
        let value = try value(depth: 1)
        guard path.count <= Self.greatestDepth, Self.put(value, at: path[...], in: &root) else {
          throw problem("the key \(path.joined(separator: ".")) is there twice")
        }
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
        throw problem("a value is a text in quotation marks, or a list of such")
      }
      return .other(word)
    }
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
    var text = ""
    while let next = peek, next != "\n" {
      advance()
      if next == quote { return text }
      text.unicodeScalars.append(next == "\\" && quote == "\"" ? try escaped() : next)
    }
    throw problem("a text ends in the quotation mark that it began with, on the same line")
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

extension ThemeText.Value: CustomStringConvertible {
  /// The text, if it is one.
  var text: String? { if case .text(let text) = self { text } else { nil } }

  /// As it may have been written.
  var description: String {
    switch self {
    case .text(let text): "\"\(text)\""
    case .list(let values): "[" + values.map(\.description).joined(separator: ", ") + "]"
    case .table: "a table"
    case .other(let word): word
    }
  }
}
