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

  /// The history in the file at `path`; empty when there is none. Lines that are not JSON strings
  /// are passed over, so a damaged file costs no more than its damaged lines.
  package init(path: String) {
    self.path = path
    entries = Self.entries(in: Self.contents(of: path))
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

  private func keep(_ entry: String) throws(FileError) {
    try PrivateFolder.make(of: path)
    let data = Self.contents(of: path)
    let kept = Self.entries(in: data)
    if kept.count < Self.capacity {
      try LineFile(path, mode: 0o600).append(Self.line(entry))
    } else {
      let lines = (kept.suffix(Self.capacity - 1) + [entry]).map {
        Self.line($0) + [Self.lineBreak]
      }
      try OutputFile(path, replaces: true, mode: 0o600).write(Data(lines.joined()))
    }
  }

  private static let lineBreak = UInt8(ascii: "\n")

  private static func contents(of path: String) -> Data {
    (try? Data(contentsOf: URL(filePath: path))) ?? Data()
  }

  private static func entries(in data: Data) -> [String] {
    let decoder = JSONDecoder()
    return data.split(separator: lineBreak).suffix(capacity).compactMap {
      try? decoder.decode(String.self, from: Data($0))
    }
  }

  private static func line(_ entry: String) -> Data {
    // Encoding a string fails only if memory is gone; an empty line is passed over on reading.
    (try? JSONEncoder().encode(entry)) ?? Data()
  }
}
