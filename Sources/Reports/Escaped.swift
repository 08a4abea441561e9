extension [UInt8] {
  /// The bytes as text, with escapes as in C for what could steer a terminal and for bytes that are a part
  /// of a character only.
  package var escaped: String {
    guard let text = String(validating: self, as: UTF8.self) else {
      return map { $0 < 0x80 ? [$0].escaped : "\\x" + UInt32($0).twoDigits }.joined()
    }
    return text.unicodeScalars.map { scalar in
      switch scalar {
      case "\n": "\\n"
      case "\r": "\\r"
      case "\t": "\\t"
      case "\\": "\\\\"
      default:
        if String(scalar).visible.unicodeScalars.elementsEqual([scalar]) {
          String(scalar)
        } else {
          scalar.isASCII
            ? "\\x" + scalar.value.twoDigits : "\\u{" + scalar.value.twoDigits + "}"
        }
      }
    }.joined()
  }
}

extension UInt32 {
  /// At least two hexadecimal digits.
  fileprivate var twoDigits: String { (self < 16 ? "0" : "") + String(self, radix: 16) }
}
