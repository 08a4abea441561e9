import Foundation

/// Lines of text from bytes that come in any pieces, in UTF-8 or what a byte order mark says.
package struct TextLines: Sendable {
  /// What a person should know of how the text was read, without a full stop; nil where it was plain UTF-8.
  package private(set) var notice: String?
  /// What has come of the line that is not complete.
  private var rest = Data()
  /// How far ``rest`` was looked through.
  private var seen = 0
  /// Whether the first line is still to come.
  private var isFirst = true
  /// Whether the text can be cut into lines as bytes: not where a character has two or four of them.
  private var isWide = false

  /// No lines yet.
  package init() {}

  /// The lines that these bytes complete, without their line breaks.
  package mutating func take(_ bytes: some Sequence<UInt8>) -> [String] {
    let isBegin = isFirst && rest.count < 4
    rest.append(contentsOf: bytes)
    if isBegin { isWide = DecodedText.isWide(rest) }
    if isWide { return [] }
    var lines: [String] = []
    var start = rest.startIndex
    while let end = rest[(start + seen)...].firstIndex(of: UInt8(ascii: "\n")) {
      lines.append(text(of: rest[start..<end]))
      (start, seen) = (end + 1, 0)
    }
    if start > rest.startIndex { rest = Data(rest[start...]) }
    seen = rest.count
    return lines
  }

  /// What stands behind the last line break, and all lines of a text that cannot be cut as bytes.
  package mutating func finish() -> [String] {
    defer { (rest, seen) = (Data(), 0) }
    if rest.isEmpty { return [] }
    let text = text(of: rest)
    guard isWide else { return [text] }
    var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines.map(String.init)
  }

  private mutating func text(of bytes: Data) -> String {
    let isCarriageReturn = !isWide && bytes.last == UInt8(ascii: "\r")
    let decoded = DecodedText(
      Data(isCarriageReturn ? bytes.dropLast() : bytes), mayHaveMark: isFirst)
    isFirst = false
    if notice == nil { notice = decoded.notice }
    return decoded.text
  }
}
