/// The tables of drafters as one file has them: for which model, and of whom.
///
/// `FATHOMDM`, a version, a checksum of what follows (FNV-1a, 64 bits), the model, the number of tables,
/// and each with its name and length; numbers lie with their lowest byte first.
package struct DraftMemory: Hashable, Sendable {
  /// Why bytes are not taken for tables.
  package enum Problem: Error, Hashable, CustomStringConvertible {
    /// They are something else.
    case foreign
    /// Another version wrote them.
    case version(UInt32)
    /// Not all of them are what was written.
    case damaged

    /// What a person reads.
    package var description: String {
      switch self {
      case .foreign: "this is no table of guesses"
      case .version(let number): "version \(number) of the format is not known"
      case .damaged: "the file is damaged"
      }
    }
  }

  /// The bytes that all tables take at most, with what stands around them.
  package static let byteLimit = 4 << 20
  private static let mark = Array("FATHOMDM".utf8)
  private static let version: UInt32 = 1

  /// What tells the model from others.
  package var model: String
  /// By the word of a drafter: its table.
  package var tables: [String: [UInt8]]

  /// The tables for a model.
  package init(model: String, tables: [String: [UInt8]]) {
    self.model = model
    self.tables = tables
  }

  /// The tables in the bytes of a file.
  package init(_ bytes: [UInt8]) throws(Problem) {
    var reader = Reader(rest: bytes[...])
    guard bytes.count <= Self.byteLimit, reader.take(8).map(Array.init) == Self.mark else {
      throw .foreign
    }
    guard let version = reader.number(4) else { throw .damaged }
    guard version == UInt64(Self.version) else { throw .version(UInt32(version)) }
    guard let sum = reader.number(8), sum == Self.checksum(reader.rest),
      let model = reader.word(), let count = reader.number(1)
    else { throw .damaged }
    self.model = model
    tables = [:]
    for _ in 0..<count {
      guard let name = reader.word(), let size = reader.number(4),
        let table = reader.take(Int(size)), tables.updateValue(Array(table), forKey: name) == nil
      else { throw .damaged }
    }
    guard reader.rest.isEmpty else { throw .damaged }
  }

  /// The bytes of the file.
  package var bytes: [UInt8] {
    var body: [UInt8] = []
    Self.append(word: model, to: &body)
    let tables = tables.sorted { $0.key < $1.key }.prefix(255)
    body.append(UInt8(tables.count))
    for (name, table) in tables {
      Self.append(word: name, to: &body)
      Self.append(UInt64(table.count), 4, to: &body)
      body += table
    }
    var head = Self.mark
    Self.append(UInt64(Self.version), 4, to: &head)
    Self.append(Self.checksum(body[...]), 8, to: &head)
    return head + body
  }

  private static func append(word: String, to bytes: inout [UInt8]) {
    let word = Array(word.utf8.prefix(255))
    bytes.append(UInt8(word.count))
    bytes += word
  }

  private static func append(_ number: UInt64, _ count: Int, to bytes: inout [UInt8]) {
    for place in 0..<count { bytes.append(UInt8(truncatingIfNeeded: number >> (8 * place))) }
  }

  private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }

  /// Bytes from the first to the last; nil where there are not as many.
  private struct Reader {
    var rest: ArraySlice<UInt8>

    mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
      guard count <= rest.count else { return nil }
      defer { rest.removeFirst(count) }
      return rest.prefix(count)
    }

    mutating func number(_ count: Int) -> UInt64? {
      take(count)?.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    mutating func word() -> String? {
      number(1).flatMap { take(Int($0)) }.flatMap { String(validating: $0, as: UTF8.self) }
    }
  }
}
