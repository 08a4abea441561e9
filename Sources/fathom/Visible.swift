extension String {
  /// The text with every character that could steer a terminal shown as a symbol: control characters as their pictures
  /// (ESC as U+241B), marks that turn the direction of writing as U+FFFD. Line feeds stay if `keepingLines`.
  func visible(keepingLines: Bool) -> String {
    var text = String.UnicodeScalarView()
    for scalar in unicodeScalars {
      text.append(keepingLines && scalar == "\n" ? scalar : scalar.visible)
    }
    return String(text)
  }

  /// The text on one line, safe to print: see `visible(keepingLines:)`.
  var visible: String { visible(keepingLines: false) }
}

extension Unicode.Scalar {
  /// Itself, or the symbol that stands for a control character.
  fileprivate var visible: Unicode.Scalar {
    switch value {
    case 0x00...0x1F: Unicode.Scalar(0x2400 + value) ?? "\u{FFFD}"
    case 0x7F: "\u{2421}"
    case 0x80...0x9F, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069: "\u{FFFD}"
    default: self
    }
  }
}
