/// Makes text of bytes that arrive in pieces: a character comes out when its last byte has come in.
///
/// The texts in a row equal the text of all bytes at once; what is no UTF-8 becomes U+FFFD.
package struct StreamingDecoder: Hashable, Sendable {
  /// The beginning of a character, three bytes at most.
  private var pending: [UInt8] = []

  /// A decoder that has seen nothing.
  package init() {}

  /// Bytes of a character that is not complete yet.
  package var pendingCount: Int { pending.count }

  /// Takes in `bytes` and gives out the characters that are complete now.
  package mutating func append(_ bytes: some Sequence<UInt8>) -> String {
    pending.append(contentsOf: bytes)
    let complete = pending.count - Self.unfinishedCount(pending)
    defer { pending.removeFirst(complete) }
    return String(decoding: pending[..<complete], as: UTF8.self)
  }

  /// Gives out what is left as U+FFFD and starts anew.
  package mutating func flush() -> String {
    defer { pending = [] }
    return String(decoding: pending, as: UTF8.self)
  }

  /// How many bytes at the end are the beginning of a well-formed character that is not complete.
  private static func unfinishedCount(_ bytes: [UInt8]) -> Int {
    for count in 1...3 where count <= bytes.count {
      let tail = bytes[(bytes.count - count)...]
      if isUnfinished(tail) { return count }
    }
    return 0
  }

  /// Whether `tail` is a proper beginning of a character (Unicode Standard, table 3-7).
  private static func isUnfinished(_ tail: ArraySlice<UInt8>) -> Bool {
    guard let lead = tail.first else { return false }
    let second: ClosedRange<UInt8>
    let length: Int
    switch lead {
    case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
    case 0xE0: (length, second) = (3, 0xA0...0xBF)
    case 0xED: (length, second) = (3, 0x80...0x9F)
    case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
    case 0xF0: (length, second) = (4, 0x90...0xBF)
    case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
    case 0xF4: (length, second) = (4, 0x80...0x8F)
    default: return false
    }
    guard tail.count < length else { return false }
    let rest = tail.dropFirst()
    return rest.first.map(second.contains) ?? true
      && rest.dropFirst().allSatisfy { (0x80...0xBF).contains($0) }
  }
}
