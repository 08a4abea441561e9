import Foundation

/// The repository as text: what these tests read.
enum SourceTree {
  /// One text file.
  struct File: Sendable, CustomStringConvertible {
    /// From the repository's root, with `/` between the parts.
    let path: String
    /// What it holds.
    let text: String

    /// Its lines.
    let lines: [Substring]
    /// Its lines without comments and without what stands in quotation marks; as many as `lines`.
    let code: [String]

    init(path: String, text: String) {
      self.path = path
      self.text = text
      lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      code = Self.code(in: lines)
    }

    /// How many lines it has, the empty end behind the last line break not counted.
    var lineCount: Int { text.hasSuffix("\n") ? lines.count - 1 : lines.count }
    /// `Sessions` for `Sources/Sessions/Places.swift`.
    var room: String { String(path.split(separator: "/").dropFirst().first ?? "") }
    var description: String { path }

    private static func code(in lines: [Substring]) -> [String] {
      var isInString = false
      return lines.map { line in
        var line = line
        if isInString {
          line = line.drop(while: \.isWhitespace)
          guard line.hasPrefix("\"\"\"") else { return "" }
          line = line.dropFirst(2)
          isInString = false
        } else if line.hasSuffix("\"\"\""), !line.contains("//") {
          line = line.dropLast(2)
          isInString = true
        }
        return line.contains("\"") || line.contains("//") ? stripped(line) : String(line)
      }
    }

    /// The line without what stands in quotation marks and without its comment.
    private static func stripped(_ line: Substring) -> String {
      var code = ""
      var (isInString, isEscaped) = (false, false)
      for character in line {
        if isInString {
          isInString = isEscaped || character != "\""
          isEscaped = !isEscaped && character == "\\"
          if !isInString { code.append(character) }
        } else if character == "/", code.last == "/" {
          return String(code.dropLast())
        } else {
          isInString = character == "\""
          code.append(character)
        }
      }
      return code
    }
  }

  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Swift and C.
  static let code = files(
    below: ["Sources", "Tests", "themes"], endings: ["swift", "c", "h", "inc"])
  /// Swift that is part of the product or of its tests' support.
  static let swiftSources = code.filter {
    $0.path.hasPrefix("Sources/") && $0.path.hasSuffix(".swift")
  }
  /// What people read: Markdown at the root and under docs.
  static let documents = files(below: ["docs"], endings: ["md"]) + rootDocuments

  /// The rooms' documentation catalogues.
  static let catalogues = files(below: ["Sources"], endings: ["md"]).filter {
    $0.path.contains(".docc/")
  }

  /// The text of a file at the root, if it is there.
  static func text(_ path: String) -> String? {
    try? String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  private static var rootDocuments: [File] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []
    return names.filter { $0.hasSuffix(".md") }.sorted().compactMap { name in
      text(name).map { File(path: name, text: $0) }
    }
  }

  private static func files(below folders: [String], endings: Set<String>) -> [File] {
    folders.flatMap { folder in
      let names =
        (try? FileManager.default.subpathsOfDirectory(
          atPath: root.appending(path: folder).path)) ?? []
      return names.sorted().compactMap { name -> File? in
        let path = "\(folder)/\(name)"
        guard endings.contains(URL(filePath: path).pathExtension) else { return nil }
        return text(path).map { File(path: path, text: $0) }
      }
    }
  }
}
