import Files
package import Foundation
import Subprocess

/// A file that may be packed: one whose name ends in `.xz` or `.gz` is unpacked by the program of that
/// name.
package enum PackedFile {
  /// No file is unpacked to more.
  private static let greatestBytes = 1 << 31
  /// What any file may be unpacked to, and above that how many times its own size: texts shrink to a third
  /// or a tenth, and what shrinks to less says the same over and over.
  private static let (usualBytes, greatestRatio) = (1 << 26, 100)

  /// By the ending of a name the program that unpacks, and what it is told besides. xz takes no more memory
  /// than its strongest setting needs four times over.
  private static let unpackers: [String: (program: String, options: [String])] = [
    "xz": ("xz", ["--memlimit-decompress=268435456"]), "gz": ("gzip", []),
  ]

  /// The contents of the file at `path`, unpacked.
  package static func contents(of path: String) async throws(CorpusError) -> Data {
    let url = URL(filePath: path)
    guard let (program, options) = unpackers[url.pathExtension] else {
      do { return try FileReader.contents(of: path) } catch { throw CorpusError(error) }
    }
    let size: Int
    do { size = try FileReader.size(of: path) } catch { throw CorpusError(error) }
    let limit = max(usualBytes, min(greatestBytes, min(size, greatestBytes) * greatestRatio))
    do {
      let result = try await Subprocess.run(
        .name(program), arguments: Arguments(["-dc"] + options + ["--", path]), input: .none,
        output: .sequence, error: .discarded
      ) { execution in
        var data = Data()
        for try await piece in execution.standardOutput {
          piece.withUnsafeBytes { data.append(contentsOf: $0) }
          guard data.count <= limit else { throw tooMuch(path, limit: limit) }
        }
        return data
      }
      guard result.terminationStatus.isSuccess else {
        throw CorpusError(
          .unreadable, place: path, "\(program) cannot unpack it: the file is damaged.")
      }
      return result.closureResult
    } catch let error as CorpusError {
      throw error
    } catch let error as SubprocessError where error.code == .executableNotFound {
      throw CorpusError(
        .unreadable, place: path, "unpacking it needs the program \(program): install it.")
    } catch {
      throw CorpusError(.unreadable, place: path, "\(program) could not unpack it. Try again.")
    }
  }

  private static func tooMuch(_ path: String, limit: Int) -> CorpusError {
    CorpusError(
      .unusable, place: path,
      "it unpacks to more than \(limit / 1_000_000) MB, which is more than such a file of texts holds. "
        + "Unpack it yourself if you trust it.")
  }

  /// The name of the file at `path` as it is called when it is unpacked.
  static func unpackedName(of path: String) -> String {
    let url = URL(filePath: path)
    let isPacked = unpackers[url.pathExtension] != nil
    return (isPacked ? url.deletingPathExtension() : url).lastPathComponent
  }
}
