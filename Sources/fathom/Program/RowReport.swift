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

/// A file that a command writes besides what it prints.
enum OutputFile {
  static func write(_ text: String, to path: String) throws {
    try write(Data(text.utf8), to: path)
  }

  static func write(_ data: Data, to path: String) throws {
    do { try data.write(to: URL(filePath: path), options: .atomic) } catch {
      printError("fathom: \(path): \(error.localizedDescription)".visible)
      throw ExitCode.cannotCreate
    }
  }
}
