package import Foundation

/// The text that bytes hold: UTF-8, or what a byte order mark says.
package struct DecodedText: Hashable, Sendable {
  /// The text, without its byte order mark.
  package let text: String
  /// What a person should know of how it was read, without a full stop; nil where it was plain UTF-8.
  package let notice: String?

  /// The text in `data`, which may begin with a byte order mark unless it stands behind something else.
  package init(_ data: Data, mayHaveMark: Bool = true) {
    for (mark, encoding, name) in Self.marks where mayHaveMark && data.starts(with: mark) {
      let rest = data.dropFirst(mark.count)
      if let text = String(data: rest, encoding: encoding) {
        (self.text, notice) = (text, "read as \(name), as its byte order mark says")
        return
      }
    }
    let bytes = mayHaveMark && data.starts(with: Self.mark) ? data.dropFirst(Self.mark.count) : data
    text = String(decoding: bytes, as: UTF8.self)
    notice = Self.firstDamage(in: bytes).map {
      "not UTF-8 at byte \($0 - data.startIndex + 1): what cannot be read is taken for \u{FFFD}"
    }
  }

  /// Whether a text that begins so has characters of more than one byte, none of which is a line break by
  /// itself.
  static func isWide(_ begin: Data) -> Bool { marks.contains { begin.starts(with: $0.mark) } }

  /// The mark that some editors put before UTF-8.
  private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

  /// Longer marks first: that of UTF-32 begins as one of UTF-16.
  private static let marks: [(mark: [UInt8], encoding: String.Encoding, name: String)] = [
    ([0xFF, 0xFE, 0, 0], .utf32LittleEndian, "UTF-32"),
    ([0, 0, 0xFE, 0xFF], .utf32BigEndian, "UTF-32"),
    ([0xFF, 0xFE], .utf16LittleEndian, "UTF-16"), ([0xFE, 0xFF], .utf16BigEndian, "UTF-16"),
  ]

  /// Where the first byte lies that belongs to no character.
  private static func firstDamage(in bytes: Data) -> Data.Index? {
    if String(validating: bytes, as: UTF8.self) != nil { return nil }
    var decoder = UTF8()
    var place = bytes.startIndex
    var iterator = bytes.makeIterator()
    while true {
      switch decoder.decode(&iterator) {
      case .scalarValue(let scalar): place += UTF8.width(scalar)
      case .emptyInput: return nil
      case .error: return place
      }
    }
  }
}
