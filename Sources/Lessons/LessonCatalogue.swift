package import Events
import Files
import Foundation

/// The lessons that came with the program, and their recordings.
///
/// They lie beside a program that was built, in its bundle of resources, or under `share` beside the folder
/// of an installed one: for lesson N a text `N.lesson` and records `N.jsonl`.
package struct LessonCatalogue: Hashable, Sendable {
  /// Where they may lie; the first folder that exists is taken.
  private let folders: [String]

  /// Those in `folder`.
  package init(folder: String) { folders = [folder] }

  /// Those of this program, or of the folder that the variable `FATHOM_LESSONS` names.
  package init(environment: [String: String] = ProcessInfo.processInfo.environment) {
    if let folder = environment["FATHOM_LESSONS"] {
      folders = folder.isEmpty ? [] : [folder]
      return
    }
    let program = Bundle.main.executableURL?.resolvingSymlinksInPath().deletingLastPathComponent()
    folders =
      program.map { program in
        [
          "fathom_Lessons.resources/lessons", "fathom_Lessons.bundle/lessons",
          "fathom_Lessons.bundle/Contents/Resources/lessons", "../share/fathom/lessons",
        ].map { program.appending(path: $0).standardized.path }
      } ?? []
  }

  /// How many there are.
  package static let count = 7

  /// The folder where they lie; nil where there are none.
  private var folder: String? {
    folders.first { FileManager.default.fileExists(atPath: $0) }
  }

  /// The lessons that can be read, in order.
  package var lessons: [Lesson] { (1...Self.count).compactMap { try? lesson($0) } }

  /// The lesson of this number.
  package func lesson(_ number: Int) throws(LessonError) -> Lesson {
    guard (1...Self.count).contains(number) else {
      throw LessonError(
        .unknown, at: "lesson \(number)",
        "there are the lessons 1 to \(Self.count); fathom lesson lists them.")
    }
    let text = String(decoding: try contents(of: "\(number).lesson"), as: UTF8.self)
    return try Lesson(parsing: text, number: number)
  }

  /// The recording of the lesson of this number.
  package func recording(of number: Int) throws(LessonError) -> [Record] {
    let data = try contents(of: "\(number).jsonl")
    do {
      return try EventLog.records(in: data)
    } catch {
      throw LessonError(.missing, at: "\(number).jsonl", error.description)
    }
  }

  private func contents(of name: String) throws(LessonError) -> Data {
    guard let folder else {
      throw LessonError(
        .missing, at: name,
        "the lessons are not where the program lies; make install puts them there, and "
          + "FATHOM_LESSONS may name their folder.")
    }
    do {
      return try FileReader.contents(of: "\(folder)/\(name)")
    } catch {
      throw LessonError(.missing, at: name, error.description)
    }
  }
}
