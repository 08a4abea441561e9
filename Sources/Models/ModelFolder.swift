import Foundation

/// The folder where models lie, and the rule by which a name on the command line becomes a file.
package struct ModelFolder: Hashable, Sendable {
  /// The folder's path. It need not exist.
  package let path: String
  /// A file that stands in for the default model (the variable `FATHOM_MODEL`).
  private let override: String?

  /// The folder at `path`.
  package init(path: String) {
    self.path = path
    override = nil
  }

  /// The user's folder: see ``Places/modelsFolder``.
  package init(environment: [String: String] = ProcessInfo.processInfo.environment) {
    path = Places(environment: environment).modelsFolder
    override = environment["FATHOM_MODEL"].flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Where the file of a known model lies, or would lie.
  package func path(of entry: ModelEntry) -> String { "\(path)/\(entry.fileName)" }

  /// Where the default model lies, or would lie: `FATHOM_MODEL` if it is set, else the standard model in
  /// this folder.
  package var defaultPath: String { override ?? path(of: .standard) }

  /// The file for what a user gave: a path, the name of a known model, or the name of a file in the
  /// folder, with or without `.gguf`. Nothing given means the default model.
  package func resolve(_ reference: String?) throws(ModelsError) -> String {
    guard let reference else { return try existing(defaultPath) }
    if isFile(reference) { return reference }
    if let entry = ModelEntry.all.first(where: { $0.name == reference.lowercased() }) {
      return try existing(path(of: entry))
    }
    if !reference.contains("/") {
      for name in [reference, reference + ".gguf"] where isFile("\(path)/\(name)") {
        return "\(path)/\(name)"
      }
    }
    return try existing(reference)
  }

  /// The paths of the GGUF files in the folder, by name.
  package func files() -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    return names.filter { $0.hasSuffix(".gguf") && !$0.hasPrefix(".") }.sorted()
      .map { "\(path)/\($0)" }
  }

  private func existing(_ path: String) throws(ModelsError) -> String {
    guard FileManager.default.fileExists(atPath: path) else {
      let remedy =
        path == self.path(of: .standard)
        ? "Run 'fathom pull' to fetch it."
        : "Check the path, run 'fathom list' to see the models that are here, "
          + "or 'fathom pull' to fetch the default one."
      throw ModelsError(.missingModel, at: path, message: "there is no such model. \(remedy)")
    }
    return path
  }

  private func isFile(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      && !isFolder.boolValue
  }
}
