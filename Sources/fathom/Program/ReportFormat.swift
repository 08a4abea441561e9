import ArgumentParser
import Reports

/// How a report is printed.
enum ReportFormat: String, ExpressibleByArgument, CaseIterable {
  case table
  case csv
  case json
}

extension RowReport {
  /// Prints the rows on the standard output.
  func say(as format: ReportFormat) throws {
    switch format {
    case .table: for line in lines { try fathom.say(line) }
    case .csv: try fathom.say(csv)
    case .json: try fathom.say(ReportJSON.text(of: rows))
    }
  }
}
