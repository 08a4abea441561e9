import Foundation
import Screen
import Testing

/// Pictures that were looked at by a person and are compared from then on.
///
/// `FATHOM_RECORD=1 swift test --filter ScreenTests` writes them anew: look at the difference.
enum Golden {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Golden")

  /// Compares `text` with the file `name`, or writes the file.
  static func expect(
    _ text: String, is name: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let file = folder.appending(path: name)
    if ProcessInfo.processInfo.environment["FATHOM_RECORD"] == "1" {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
    let golden = try String(contentsOf: file, encoding: .utf8)
    #expect(text == golden, "\(name) differs", sourceLocation: sourceLocation)
  }

  /// A frame as text: what it shows between two bars, and below it a letter per cell for its role.
  static func picture(of frame: Frame) -> String {
    let letters = Array("-abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    let roles = Role.allCases.enumerated().map { "\(letters[$0.offset]) \($0.element.rawValue)" }
    let letter = Dictionary(
      uniqueKeysWithValues: Role.allCases.enumerated().map { ($0.element, letters[$0.offset]) })
    let grid = (0..<frame.rows).map { row in
      String((0..<frame.columns).map { letter[frame[row, $0].role] ?? "?" })
    }
    let used = Set(frame.cells.map(\.role))
    let legend = zip(Role.allCases, roles).filter { used.contains($0.0) }.map(\.1)
    let cursor = frame.cursor.map { "cursor at row \($0.row), column \($0.column)" } ?? "no cursor"
    return (frame.lines.map { "|\($0)|" } + [cursor] + grid.map { "|\($0)|" } + legend)
      .joined(separator: "\n") + "\n"
  }
}

/// Logarithms without Foundation's name in the way of the tests' own.
enum Logarithm {
  static func natural(of value: Float) -> Float { (log(value) * 10_000).rounded() / 10_000 }
}
