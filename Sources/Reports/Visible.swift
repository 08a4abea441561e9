import Dials

extension Unicode.Scalar {
  /// What is shown in place of a scalar that ``isSteering``: the picture of a control character (ESC as
  /// U+241B), or the number as `<U+202E>`; nil for any other.
  package var symbol: String? {
    guard isSteering else { return nil }
    switch value {
    case 0x00...0x1F: return Unicode.Scalar(0x2400 + value).map { String($0) }
    case 0x7F: return "\u{2421}"
    default:
      let digits = String(value, radix: 16, uppercase: true)
      return "<U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits + ">"
    }
  }
}

/// The one wall between foreign text and the terminal.
extension StringProtocol {
  /// The text, safe to print: every scalar that has a ``Unicode/Scalar/symbol`` is shown as that, but for
  /// those in `kept`.
  package func visible(keeping kept: String) -> String {
    var text = ""
    text.reserveCapacity(utf8.count)
    for scalar in unicodeScalars {
      if let symbol = scalar.symbol, !kept.unicodeScalars.contains(scalar) {
        text += symbol
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
    return text
  }

  /// The text on one line, safe to print.
  package var visible: String { visible(keeping: "") }

  /// The text with its lines and tabs, safe to print. A line may end in a line feed, alone or after a
  /// carriage return.
  package var visibleLines: String {
    String(self).replacing("\r\n", with: "\n").visible(keeping: "\n\t")
  }
}
