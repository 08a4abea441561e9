import Dials
public import Foundation

/// Records as JSON Lines: one object a line, UTF-8, snake-case names, `v` and `type` in each.
public enum EventLog {
  /// A line that is not a record.
  public struct LineError: Error, CustomStringConvertible {
    /// The number of the line, from 1.
    public var line: Int
    /// What is wrong with it.
    public var reason: String

    /// What a person reads.
    public var description: String {
      "line \(line) is not a Fathom record: \(reason). The file must be one that /save or "
        + "`fathom run --json` wrote."
    }
  }

  /// The record as one line, without the line break, and without a character that could steer a terminal:
  /// those stand as `\u001b` does.
  public static func line(for record: Record) throws -> Data {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return escaped(try encoder.encode(record))
  }

  /// All records, each ending in a line break.
  public static func data(for records: some Sequence<Record>) throws -> Data {
    var data = Data()
    for record in records {
      data.append(try line(for: record))
      data.append(UInt8(ascii: "\n"))
    }
    return data
  }

  /// What a log holds.
  public struct Reading: Hashable, Sendable {
    /// Its records, in order.
    public var records: [Record]
    /// Whether its last line was cut off, as when the program that wrote it was killed or the disk was full.
    public var isCut: Bool
  }

  /// The records in `data`, in order; empty lines are passed over.
  ///
  /// Throws `LineError` for the first line that is not a record, and when the first record is not
  /// the session's.
  public static func records(in data: Data) throws(LineError) -> [Record] {
    try reading(data, mayBeCut: false).records
  }

  /// The records in `data`, which may end within a line: what lies before is there nevertheless. Throws as
  /// ``records(in:)`` does.
  public static func read(_ data: Data) throws(LineError) -> Reading {
    try reading(data, mayBeCut: true)
  }

  private static func reading(_ data: Data, mayBeCut: Bool) throws(LineError) -> Reading {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    var reading = Reading(records: [], isCut: false)
    let lines = data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() where !line.allSatisfy({ $0 <= 0x20 }) {
      do {
        reading.records.append(try decoder.decode(Record.self, from: Data(line)))
      } catch {
        // Only the last line has no line break, and only what is no JSON was cut.
        reading.isCut =
          mayBeCut && index == lines.count - 1 && index > 0 && !Self.isJSON(Data(line))
        if reading.isCut { break }
        throw LineError(line: index + 1, reason: Self.explain(error, of: Data(line)))
      }
    }
    guard case .session? = reading.records.first else {
      throw LineError(line: 1, reason: "the first record must be the session's")
    }
    return reading
  }

  private static func isJSON(_ line: Data) -> Bool {
    (try? JSONSerialization.jsonObject(with: line)) != nil
  }

  private static func explain(_ error: any Error, of line: Data) -> String {
    switch error {
    case let value as ImpossibleValue: value.description
    case DecodingError.keyNotFound(let key, _): "the field \"\(key.stringValue)\" is missing"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
      "the field \"\(path(context))\" has the wrong type"
    case DecodingError.dataCorrupted(let context) where context.codingPath.isEmpty:
      // A number that fits no whole one comes without its place.
      !isJSON(line)
        ? "this is not JSON" : "a number in it is too large, or not whole where it has to be"
    case DecodingError.dataCorrupted(let context):
      "the field \"\(path(context))\" has a value that it cannot have"
    default: "it cannot be read"
    }
  }

  private static func path(_ context: DecodingError.Context) -> String {
    context.codingPath.map(\.stringValue).joined(separator: ".")
  }

  /// JSON whose texts hold no control or format character but as an escape: joiners are text.
  private static func escaped(_ json: Data) -> Data {
    guard json.contains(where: { $0 >= 0x7F }) else { return json }
    var text = ""
    for scalar in String(decoding: json, as: UTF8.self).unicodeScalars {
      guard scalar.isSteering else {
        text.unicodeScalars.append(scalar)
        continue
      }
      for unit in String(scalar).utf16 {
        let digits = String(unit, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      }
    }
    return Data(text.utf8)
  }
}
