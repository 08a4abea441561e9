import Foundation
import GGUF

/// The folders where models lie, and the rule by which a name on the command line becomes a file.
package struct ModelFolder: Hashable, Sendable {
  /// Fathom's own folder. It need not exist.
  package let path: String
  /// The cache that programs for the hub share.
  package let hub: HubCache?
  /// What ollama keeps.
  package let ollama: OllamaStore?
  /// A file that stands in for the default model (the variable `FATHOM_MODEL`).
  private let override: String?

  /// The folder at `path`, and others beside it.
  package init(path: String, hub: HubCache? = nil, ollama: OllamaStore? = nil) {
    (self.path, self.hub, self.ollama) = (path, hub, ollama)
    override = nil
  }

  /// The user's folders: see ``Places/modelsFolder``, ``HubSettings`` and ``OllamaStore``.
  package init(environment: [String: String] = ProcessInfo.processInfo.environment) {
    path = Places(environment: environment).modelsFolder
    hub = HubCache(folder: HubSettings.cacheFolder(environment: environment))
    ollama = OllamaStore(environment: environment)
    override = environment["FATHOM_MODEL"].flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Where the file of a known model lies, or would lie.
  package func path(of entry: ModelEntry) -> String { "\(path)/\(entry.fileName)" }

  /// Where the default model lies, or would lie: `FATHOM_MODEL` if it is set, else the standard model in
  /// this folder.
  package var defaultPath: String { override ?? path(of: .standard) }

  /// The file for what a user gave: a path, the name of a known model, the name of a file in the folder, with
  /// or without `.gguf`, or the name of a model of the hub or of ollama. Nothing given means the default model.
  package func resolve(_ reference: String?) throws(ModelsError) -> String {
    guard let reference else { return try existing(defaultPath) }
    if isFile(reference) { return reference }
    if let entry = ModelEntry.all.first(where: { $0.name == reference.lowercased() }) {
      return try existing(path(of: entry))
    }
    if !reference.contains("/"), let path = ownFile(reference) { return path }
    if reference.hasPrefix(OllamaStore.prefix) { return try ollamaModel(reference) }
    if let hubReference = try Self.hubReference(reference) {
      return try hubModel(hubReference, named: reference)
    }
    return try existing(reference)
  }

  /// What of the hub a name means: one with `hf:`, or a short one; nil for any other.
  package static func hubReference(_ name: String) throws(ModelsError) -> HubReference? {
    if name.hasPrefix(HubReference.prefix) { return try HubReference(name) }
    return ShortName.named(name)?.reference
  }

  /// The files of the model whose first or only one lies at `path`.
  package static func parts(of path: String) -> [String] { HubChoice.parts(of: path) }

  /// The paths of the GGUF files in the folder, by name; of a model that is split, its first part.
  package func files() -> [String] {
    FileManager.default.names(in: path)
      .filter { name in
        name.hasSuffix(".gguf") && !name.hasPrefix(".") && (SplitName(name)?.number ?? 1) == 1
      }
      .sorted().map { "\(path)/\($0)" }
  }

  private func ownFile(_ name: String) -> String? {
    [name, name + ".gguf"].map { "\(path)/\($0)" }.first(where: isFile)
  }

  private func ollamaModel(_ name: String) throws(ModelsError) -> String {
    if let path = ollama?.path(named: name) { return path }
    throw ModelsError(
      .missingModel, at: name,
      message:
        "ollama keeps no such model here. Run 'fathom list' to see what is here, or 'ollama pull "
        + "\(name.dropFirst(OllamaStore.prefix.count))' to fetch it.")
  }

  private func hubModel(
    _ reference: HubReference, named name: String
  ) throws(ModelsError) -> String {
    if let path = hub?.path(of: reference) { return path }
    throw ModelsError(
      .missingModel, at: name,
      message: "this model is not here yet. Run 'fathom pull \(name)' to fetch it.")
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
