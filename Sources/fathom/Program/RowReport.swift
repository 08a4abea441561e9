import ArgumentParser
import Foundation

/// How a report is printed.
enum ReportFormat: String, ExpressibleByArgument, CaseIterable {
  case table
  case csv
  case json
}

/// Rows that are printed as a table, as CSV or as JSON.
protocol RowReport {
  associatedtype Row: Encodable

  var rows: [Row] { get }
  /// The rows for people to read, with what stands above and below them.
  var lines: [String] { get }
  var csv: String { get }
}

extension RowReport {
  /// Prints the rows on the standard output.
  func print(as format: ReportFormat) throws {
    switch format {
    case .table: for line in lines { Swift.print(line) }
    case .csv: Swift.print(csv)
    case .json: Swift.print(try ReportJSON.text(of: rows))
    }
  }
}

/// Figures as JSON that people and scripts read: sorted keys in snake case.
enum ReportJSON {
  static func text(of value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}
