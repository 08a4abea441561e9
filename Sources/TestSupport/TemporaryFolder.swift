import Foundation

/// A folder of its own for one test, removed with all in it when nobody holds it any more.
package final class TemporaryFolder: Sendable {
  /// Where it lies, symbolic links resolved.
  package let path: String

  /// Makes an empty folder. Throws what the file system says.
  package init() throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "fathom-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.resolvingSymlinksInPath().path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of a file in the folder.
  package func file(_ name: String) -> String { path + "/" + name }

  /// What lies in the folder, sorted.
  package var names: [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? []
  }
}

/// Calls `body` with the path of a new folder, which is removed afterwards with all in it.
package func withTemporaryFolder<Result>(
  isolation: isolated (any Actor)? = #isolation, _ body: (String) async throws -> Result
) async throws -> Result {
  let folder = try TemporaryFolder()
  defer { withExtendedLifetime(folder) {} }
  return try await body(folder.path)
}
