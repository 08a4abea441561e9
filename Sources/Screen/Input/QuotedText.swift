/// A message of many lines between `"""` at its very start and `"""` at its very end.
enum QuotedText {
  /// What stands at both ends.
  static let mark = "\"\"\""

  /// Whether this is the beginning of one.
  static func begins(_ text: String) -> Bool { text.hasPrefix(mark) }

  /// What stands between the marks, without the line breaks next to them; nil while one is missing.
  static func content(of text: String) -> String? {
    guard text.count >= 2 * mark.count, text.hasPrefix(mark), text.hasSuffix(mark) else {
      return nil
    }
    var inside = text.dropFirst(mark.count).dropLast(mark.count)
    if inside.first?.isLineBreak == true { inside = inside.dropFirst() }
    if inside.last?.isLineBreak == true { inside = inside.dropLast() }
    return String(inside)
  }
}

/// Messages from lines that come one after the other: a line each, or what lies between the marks of a
/// ``QuotedText``.
package struct QuotedLines: Hashable, Sendable {
  private var open: [String] = []

  /// No line came yet.
  package init() {}

  /// Whether lines wait for the closing mark.
  var isOpen: Bool { !open.isEmpty }

  /// The message that this line completes.
  package mutating func take(_ line: String) -> String? {
    if open.isEmpty, !QuotedText.begins(line) { return line }
    open.append(line)
    guard line.hasSuffix(QuotedText.mark),
      let content = QuotedText.content(of: open.joined(separator: "\n"))
    else { return nil }
    open = []
    return content
  }

  /// What is left when no line follows: a message without its closing mark.
  package mutating func finish() -> String? {
    defer { open = [] }
    if open.isEmpty { return nil }
    return QuotedText.content(of: (open + [QuotedText.mark]).joined(separator: "\n"))
  }
}
