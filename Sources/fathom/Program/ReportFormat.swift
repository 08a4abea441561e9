import ArgumentParser
import Foundation
import Reports

/// How a report is printed.
enum ReportFormat: String, ExpressibleByArgument, CaseIterable {
  case table
  case csv
  case json
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
