import Foundation

/// Files that tests use where they are and do without where they are not: the data and golden numbers
/// beside the package, and the default model.
package enum SharedData {
  /// The package's folder.
  private static let packageRoot = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The path of a file of the data folder, if it is there.
  package static func data(_ path: String) -> String? { find("data/" + path) }

  /// The path of a file of the golden folder, if it is there.
  package static func golden(_ path: String) -> String? { find("golden/" + path) }

  /// The path of the default model's file, if it is there.
  package static var model: String? {
    let environment = ProcessInfo.processInfo.environment
    if let path = environment["FATHOM_MODEL"], !path.isEmpty {
      return existing(URL(filePath: path))
    }
    let data =
      environment["XDG_DATA_HOME"].flatMap { $0.isEmpty ? nil : URL(filePath: $0) }
      ?? FileManager.default.homeDirectoryForCurrentUser.appending(path: ".local/share")
    return existing(data.appending(path: "fathom/models/SmolLM2-135M-Instruct.Q4_1.gguf"))
  }

  /// The path of the draft head that comes with the default model.
  package static var draftHead: String? {
    let path = "Sources/Models/Resources/adapters/SmolLM2-135M-Instruct.draft.gguf"
    return existing(packageRoot.appending(path: path))
  }

  private static func find(_ path: String) -> String? {
    let override = ProcessInfo.processInfo.environment["FATHOM_DATA"].flatMap {
      $0.isEmpty ? nil : URL(filePath: $0)
    }
    let root = override ?? packageRoot.deletingLastPathComponent().appending(path: "shared")
    return existing(root.appending(path: path))
  }

  private static func existing(_ url: URL) -> String? {
    FileManager.default.fileExists(atPath: url.path) ? url.path : nil
  }
}
