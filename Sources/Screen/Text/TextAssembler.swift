/// Joins the bytes of tokens to text: a token may hold half a character.
package struct TextAssembler: Hashable, Sendable {
  private var rest: [UInt8] = []

  /// An assembler that holds nothing back.
  package init() {}

  /// The text that is certain after `bytes`; the beginning of an unfinished character is held back.
  package mutating func append(_ bytes: some Sequence<UInt8>) -> String {
    rest += bytes
    let cut = rest.count - Self.unfinishedCount(at: rest)
    defer { rest.removeFirst(cut) }
    return String(decoding: rest[..<cut], as: UTF8.self)
  }

  /// What was held back, as replacement characters.
  package mutating func finish() -> String {
    defer { rest = [] }
    return String(decoding: rest, as: UTF8.self)
  }

  /// How many bytes at the end begin a character that they do not finish.
  private static func unfinishedCount(at bytes: [UInt8]) -> Int {
    for count in 1...3 where count <= bytes.count {
      let byte = bytes[bytes.count - count]
      if byte & 0b1100_0000 == 0b1000_0000 { continue }
      let length = byte >= 0xf0 && byte < 0xf8 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc2 ? 2 : 1
      return byte < 0xf8 && length > count ? count : 0
    }
    return 0
  }
}
