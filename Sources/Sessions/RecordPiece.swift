import Foundation

/// Records one after another, as lines of JSON. They are much alike, so packed together they take an eighth
/// of the room.
struct RecordPiece: Sendable {
  /// A piece with so many bytes of text is full: the more, the smaller each record, and the longer it takes to
  /// pack them.
  private static let fullLength = 512 << 10

  /// The number of its first record in the session, from 1.
  let first: Int
  /// How many records it has.
  private(set) var count = 0
  /// How many bytes of text they are.
  private(set) var length = 0
  private var text = Data()
  private var packed: Data?

  /// A piece with no records yet.
  init(first: Int) { self.first = first }

  /// The piece that the database has as `row`, with `lines` in it; it `grows` or is left as it is.
  init(_ row: PieceRow, lines: Data, grows: Bool) {
    first = row.number
    (count, length) = (lines.count { $0 == UInt8(ascii: "\n") }, lines.count)
    if grows { text = lines } else { packed = row.lines }
  }

  /// Whether nothing is to be added any more.
  var isFull: Bool { length >= Self.fullLength }

  /// Adds a line, which has no line break. A piece that is full then is packed for good.
  mutating func add(_ line: Data) {
    text.append(line)
    text.append(UInt8(ascii: "\n"))
    (count, length) = (count + 1, text.count)
    guard isFull, let small = Packing.pack(text) else { return }
    (packed, text) = (small, Data())
  }

  /// The lines, each with its line break; nil where there is no memory for that.
  var lines: Data? { packed.map { Packing.unpack($0, length: length) } ?? text }

  /// All of it, packed; as it is where there is no memory for that.
  var packedRow: PieceRow {
    let small = packed ?? Packing.pack(text)
    return PieceRow(number: first, length: small == nil ? nil : length, lines: small ?? text)
  }

  /// What stands behind so many records and bytes, as it is.
  func row(behind count: Int, bytes: Int) -> PieceRow {
    PieceRow(number: first + count, length: nil, lines: text.dropFirst(bytes))
  }
}

/// Records as the database has them in one row.
struct PieceRow: Sendable {
  /// Grows along the session: the number of the first record.
  var number: Int
  /// How many bytes the lines are; nil where they are not packed.
  var length: Int?
  /// The records, each a line of JSON with its line break.
  var lines: Data

  /// The lines; nil where they are damaged.
  var text: Data? {
    guard let length else { return lines }
    return Packing.unpack(lines, length: length)
  }
}
