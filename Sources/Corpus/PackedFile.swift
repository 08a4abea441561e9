package import Foundation
import Subprocess

/// A file that may be packed: one whose name ends in `.xz` or `.gz` is unpacked by the program of that
/// name.
package enum PackedFile {
  /// No file is unpacked to more.
  private static let greatestBytes = 1 << 31

  private static let unpackers = ["xz": "xz", "gz": "gzip"]

  /// The contents of the file at `path`, unpacked.
  package static func contents(of path: String) async throws(CorpusError) -> Data {
    let missing = CorpusError(
      .unreadable, place: path,
      "there is no such file, or it cannot be read. Check the path and its permissions.")
    guard let program = unpackers[URL(filePath: path).pathExtension] else {
      do { return try Data(contentsOf: URL(filePath: path)) } catch { throw missing }
    }
    guard FileManager.default.isReadableFile(atPath: path) else { throw missing }
    do {
      let result = try await Subprocess.run(
        .name(program), arguments: ["-dc", "--", path], input: .none,
        output: .bytes(limit: greatestBytes), error: .discarded)
      guard result.terminationStatus.isSuccess else {
        throw CorpusError(
          .unreadable, place: path, "\(program) cannot unpack it: the file is damaged.")
      }
      return Data(result.standardOutput)
    } catch let error as CorpusError {
      throw error
    } catch {
      throw CorpusError(
        .unreadable, place: path, "unpacking it needs the program \(program): install it.")
    }
  }

  /// The name of the file at `path` as it is called when it is unpacked.
  static func unpackedName(of path: String) -> String {
    let url = URL(filePath: path)
    let isPacked = unpackers[url.pathExtension] != nil
    return (isPacked ? url.deletingPathExtension() : url).lastPathComponent
  }
}
