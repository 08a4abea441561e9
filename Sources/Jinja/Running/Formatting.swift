/// How a value is written into a format: `%-5d` and `{:>8.2f}` alike.
struct FormatSpecification {
  /// `<`, `>`, `^` or `=`; nil for what is usual of the kind.
  var alignment: Unicode.Scalar?
  /// What fills the width.
  var fill: Unicode.Scalar = " "
  /// `+` or a space in front of numbers that are not negative.
  var sign: Unicode.Scalar?
  /// The least number of scalars.
  var width = 0
  /// Digits behind the point, or the most scalars of a text.
  var precision: Int?
  /// The letter of the kind, if there is one.
  var letter: Unicode.Scalar?

  /// More than this is no format of a chat template.
  static let widthLimit = 1000

  /// `value` in this format.
  func text(of value: JinjaValue) throws(JinjaError) -> JinjaText {
    guard width <= Self.widthLimit, precision ?? 0 <= Self.widthLimit else {
      throw .limit("a format is wider than \(Self.widthLimit)")
    }
    switch letter {
    case nil, "s"?:
      if letter == nil, let number = value.number, value.text == nil {
        if case .float = value, precision != nil { return padded(fixed(number), isNumber: true) }
        return padded(try signedWords(of: value), isNumber: true)
      }
      let words = try value.words()
      return padded(JinjaText(words.scalars.prefix(precision ?? .max)), isNumber: false)
    case "r"?: return padded(try value.spelled(), isNumber: false)
    case "d"?, "i"?, "u"?:
      guard let number = value.number, number.magnitude < 9e18 else {
        throw .failed("'d' in a format needs a number, and gets \(value.kind)")
      }
      return padded(signed(String(value.wholeNumber ?? Int(number))), isNumber: true)
    case "f"?, "F"?:
      guard let number = value.number else {
        throw .failed("'f' in a format needs a number, and gets \(value.kind)")
      }
      return padded(fixed(number), isNumber: true)
    case let letter?: throw .unsupported("'\(letter)' in a format")
    }
  }

  private func signedWords(of value: JinjaValue) throws(JinjaError) -> JinjaText {
    if case .bool = value { return try value.words() }
    return signed(try value.words().string)
  }

  private func signed(_ digits: String) -> JinjaText {
    if let sign, !digits.hasPrefix("-") { return JinjaText(String(sign) + digits) }
    return JinjaText(digits)
  }

  private func fixed(_ number: Double) -> JinjaText {
    signed(FloatWords.fixed(number, places: precision ?? 6))
  }

  private func padded(_ text: JinjaText, isNumber: Bool) -> JinjaText {
    let missing = max(0, width - text.count)
    func filled(_ count: Int) -> JinjaText {
      JinjaText(Array(repeating: MarkedScalar(fill), count: count))
    }
    switch alignment ?? (isNumber ? ">" : "<") {
    case "<": return text + filled(missing)
    case "^": return filled(missing / 2) + text + filled(missing - missing / 2)
    case "=":
      let sign = text.hasPrefix("-") || text.hasPrefix("+") || text.hasPrefix(" ") ? 1 : 0
      return JinjaText(text.scalars.prefix(sign)) + filled(missing)
        + JinjaText(text.scalars.dropFirst(sign))
    default: return filled(missing) + text
    }
  }
}

/// Reads a format from the left.
struct FormatReader {
  private(set) var rest: ArraySlice<MarkedScalar>

  init(_ text: JinjaText) { rest = text.scalars[...] }

  /// The scalar to be read next.
  var next: Unicode.Scalar? { rest.first?.scalar }

  /// Reads one scalar.
  mutating func pop() -> MarkedScalar? { rest.popFirst() }

  /// Reads up to `scalar` and over it; nil where there is none.
  mutating func pop(until scalar: Unicode.Scalar) -> JinjaText? {
    guard let end = rest.firstIndex(where: { $0.scalar == scalar }) else { return nil }
    defer { rest = rest[(end + 1)...] }
    return JinjaText(rest[..<end])
  }

  /// Reads digits.
  mutating func number() -> Int? {
    let digits = rest.prefix(while: \.isDigit)
    rest = rest.dropFirst(digits.count)
    if digits.isEmpty { return nil }
    return digits.count > 6 ? .max : Int(JinjaText(digits).string)
  }
}
