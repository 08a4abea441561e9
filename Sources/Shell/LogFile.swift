package import Files
package import Foundation
import Reports
import Synchronization

/// A log: lines with their times in a file that only this person may read. One that grows past its limit is put
/// aside as `NAME.1`, in the place of the one before, so that no more than two limits are on the disk.
package final class LogFile: Sendable {
  /// How serious a line is.
  package enum Level: String, Sendable {
    /// What is done, and with what.
    case information = "info "
    /// What a person was told.
    case warning = "warn "
    /// What failed.
    case error = "error"
  }

  /// Bytes of a file, at most, but for its last line.
  package static let limit = 1 << 20
  /// Bytes of a line, at most.
  package static let lineLimit = 16 << 10

  private let file: LineFile
  private let limit: Int
  /// Bytes in the file as far as is known; nil where it can no longer be written.
  private let size: Mutex<Int?>

  /// The log at `path`, made where there is none.
  package init(_ path: String, limit: Int = LogFile.limit) throws(FileError) {
    try PrivateFile.make(path)
    file = LineFile(path, mode: 0o600)
    try file.check()
    self.limit = limit
    size = Mutex(Self.size(of: path))
  }

  /// Adds a line. Control characters are shown as such, so that a text is one line; what cannot be written ends
  /// the log and nothing else.
  package func write(_ level: Level, _ text: String, at time: Date = .now) {
    let stamp = time.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    let words =
      text.utf8.count > Self.lineLimit ? text.prefix(Self.lineLimit / 4) + " ..." : text[...]
    let line = Data("\(stamp) \(level.rawValue) \(words.visible)".utf8)
    size.withLock { size in
      guard var bytes = size else { return }
      if bytes > limit {
        putAside()
        bytes = Self.size(of: file.path)
      }
      do {
        try file.append(line)
        size = bytes + line.count + 1
      } catch {
        size = nil
      }
    }
  }

  private func putAside() {
    rename(file.path, file.path + ".1")
    try? PrivateFile.make(file.path)
  }

  private static func size(of path: String) -> Int {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    return attributes?[.size] as? Int ?? 0
  }
}
