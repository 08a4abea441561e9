/// How large the database of the conversations may grow.
package struct StorageLimit: Hashable, Sendable {
  /// The most bytes; nil where there is no limit.
  package var bytes: Int?

  /// A gibibyte: about four million tokens.
  package static let usual = StorageLimit(bytes: 1 << 30)

  /// A limit of so many bytes, or none.
  package init(bytes: Int?) { self.bytes = bytes }

  /// `500M`, `2G`, a number of bytes, or `none`; nil where `text` is none of them.
  package init?(parsing text: String) {
    if text == "none" {
      self.init(bytes: nil)
      return
    }
    let units = ["k": 10, "m": 20, "g": 30, "t": 40]
    let lower = text.lowercased()
    let unit = lower.last.flatMap { units[String($0)] }
    guard let count = Int(unit == nil ? lower : String(lower.dropLast())), count > 0,
      count <= Int.max >> (unit ?? 0)
    else { return nil }
    self.init(bytes: count << (unit ?? 0))
  }

  /// Whether `used` bytes leave less than a tenth.
  func isNear(_ used: Int) -> Bool { bytes.map { used > $0 - $0 / 10 } ?? false }

  /// Whether `used` bytes are all that there may be.
  func isReached(_ used: Int) -> Bool { bytes.map { used >= $0 } ?? false }
}
