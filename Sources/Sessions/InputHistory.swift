import Files
import Foundation

/// What was typed at the prompt, oldest first, kept in a file of one JSON string a line.
///
/// Several programs may add to the same file: each entry is one appending write.
package struct InputHistory: Sendable {
  /// How many entries are kept.
  package static let capacity = 1000

  /// The file.
  package let path: String
  /// What was typed, oldest first.
  package private(set) var entries: [String]

  /// Lines of the file, as far as this program knows: others may add to it.
  private var lineCount: Int

  /// The history in the file at `path`; empty when there is none. Lines that are not JSON strings
  /// are passed over, so a damaged file costs no more than its damaged lines.
  package init(path: String) {
    self.path = path
    let lines = Self.lines(of: path)
    (entries, lineCount) = (Self.entries(in: lines), lines.count)
  }

  /// Adds what was typed; blank input and a repetition of the last entry are left out.
  ///
  /// The entry is there for this run even if it cannot be written: the error says why it will not be
  /// next time.
  package mutating func add(_ entry: String) throws(SessionError) {
    if entry.allSatisfy(\.isWhitespace) || entry == entries.last { return }
    entries.append(entry)
    if entries.count > Self.capacity { entries.removeFirst(entries.count - Self.capacity) }

    do { try keep(entry) } catch { throw SessionError(error) }
  }

  private mutating func keep(_ entry: String) throws(FileError) {
    try PrivateFolder.make(of: path)
    try LineFile(path, mode: 0o600).append(Self.line(entry))
    lineCount += 1
    if lineCount >= 2 * Self.capacity { try shorten() }
  }

  /// Keeps the newest entries of the file. Done once in so many entries: it reads and writes all of them.
  private mutating func shorten() throws(FileError) {
    let kept = Self.entries(in: Self.lines(of: path))
    let data = Data(kept.map { Self.line($0) + [Self.lineBreak] }.joined())
    try OutputFile(path, replaces: true, mode: 0o600).write(data)
    lineCount = kept.count
  }

  private static let lineBreak = UInt8(ascii: "\n")

  private static func lines(of path: String) -> [Data] {
    (try? Data(contentsOf: URL(filePath: path)))?.split(separator: lineBreak) ?? []
  }

  private static func entries(in lines: [Data]) -> [String] {
    let decoder = JSONDecoder()
    return lines.suffix(capacity).compactMap { try? decoder.decode(String.self, from: Data($0)) }
  }

  private static func line(_ entry: String) -> Data {
    // Encoding a string fails only if memory is gone; an empty line is passed over on reading.
    (try? JSONEncoder().encode(entry)) ?? Data()
  }
}
