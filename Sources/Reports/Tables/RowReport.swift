import Foundation

/// Rows that are printed as a table, as CSV or as JSON.
package protocol RowReport {
  /// One row.
  associatedtype Row: Encodable

  /// The rows.
  var rows: [Row] { get }
  /// The rows for people to read, with what stands above and below them.
  var lines: [String] { get }
  /// The rows as comma-separated values.
  var csv: String { get }
}

/// Figures as JSON that people and scripts read: sorted keys in snake case.
package enum ReportJSON {
  /// The text of a value; an error where it holds a number that JSON cannot.
  package static func text(of value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}
