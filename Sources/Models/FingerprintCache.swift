import Files
import Foundation
import GGUF

/// SHA-256 digests of large files, kept with each file's size and time of change, so that a model is
/// hashed once and not at every start.
///
/// The cache is a file of JSON. One that is missing, damaged or cannot be written costs time only.
package struct FingerprintCache: Sendable {
  private struct Entry: Codable {
    var size: Int
    var changed: Double
    var sha256: String
  }

  /// The cache's own file.
  private let path: String

  /// The cache at `path`, which need not exist.
  package init(path: String) { self.path = path }

  /// The cache in the state folder.
  package static var shared: FingerprintCache { FingerprintCache(path: Places().fingerprintFile) }

  /// The digest of the model at `path` in lower-case hexadecimal; nil when it cannot be read. That of a model
  /// that is split is the digest of its parts' digests, one a line.
  package func sha256(ofFile path: String) -> String? {
    guard let name = SplitName(path), name.number == 1, name.count > 1,
      name.paths.allSatisfy({ FileIdentity(path: $0) != nil })
    else { return sha256(ofOneFile: path) }
    let parts = name.paths.compactMap(sha256(ofOneFile:))
    guard parts.count == name.count else { return nil }
    return FileDigest.hexadecimal(of: Data(parts.map { $0 + "\n" }.joined().utf8))
  }

  private func sha256(ofOneFile path: String) -> String? {
    let path = URL(filePath: path).resolvingSymlinksInPath().path
    guard let (size, changed) = Self.stamp(of: path) else { return nil }
    var entries = entries
    if let known = entries[path], known.size == size, known.changed == changed {
      return known.sha256
    }
    guard let digest = FileDigest.hexadecimal(ofFile: path) else { return nil }
    // What was written a moment ago may be written again within the same tick of the clock.
    guard changed < Date().timeIntervalSince1970 - 2 else { return digest }
    entries = entries.filter { FileManager.default.fileExists(atPath: $0.key) }
    entries[path] = Entry(size: size, changed: changed, sha256: digest)
    write(entries)
    return digest
  }

  private static func stamp(of path: String) -> (size: Int, changed: Double)? {
    guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
      let size = attributes[.size] as? NSNumber, let date = attributes[.modificationDate] as? Date
    else { return nil }
    return (size.intValue, date.timeIntervalSince1970)
  }

  private var entries: [String: Entry] {
    guard let data = FileManager.default.contents(atPath: path) else { return [:] }
    return (try? JSONDecoder().decode([String: Entry].self, from: data)) ?? [:]
  }

  private func write(_ entries: [String: Entry]) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    try? PrivateFolder.make(of: path)
    try? OutputFile(path, replaces: true).write(encoder.encode(entries))
  }
}
