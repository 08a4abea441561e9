import Files
import Foundation
import GGUF

/// What goes when a model is removed: its own files, and of the hub's cache what no other needs.
package struct ModelRemoval: Hashable, Sendable {
  /// The model, by the name that finds it.
  package let name: String
  /// The files and links that go.
  package let paths: [String]
  /// Bytes that are free afterwards.
  package let freedBytes: Int
  /// The contents stay, since another state of the repository has them too.
  package let keepsContents: Bool
  /// The repository of the hub's cache that they are in.
  private let repository: HubCache.Repository?

  /// What goes with the model that `reference` means. A file that lies elsewhere, or that ollama keeps, is
  /// refused.
  package init(of reference: String, in folder: ModelFolder) throws(ModelsError) {
    let path = try folder.resolve(reference)
    guard let model = folder.found.first(where: { $0.path == path }) else {
      throw Self.notOurs(path)
    }
    name = model.name
    switch model.origin {
    case .folder:
      (repository, keepsContents) = (nil, false)
      paths = Self.parts(of: path)
      freedBytes = Self.bytes(of: paths)
    case .hub:
      guard let hub = folder.hub,
        let repository = hub.repositories.first(where: { path.hasPrefix($0.snapshots + "/") })
      else { throw Self.notOurs(path) }
      let removal = repository.removal(of: Self.parts(of: path))
      self.repository = repository
      paths = removal.links + removal.blobs
      (freedBytes, keepsContents) = (Self.bytes(of: removal.blobs), removal.keepsContents)
    case .ollama:
      let name = model.name.dropFirst(OllamaStore.prefix.count)
      throw ModelsError(
        .notOurs, at: model.name,
        message: "ollama keeps this model. Remove it with 'ollama rm \(name)'.")
    case .elsewhere:
      throw Self.notOurs(path)
    }
  }

  /// Removes it.
  package func run() throws(ModelsError) {
    for path in paths where unlink(path) != 0 && errno != ENOENT {
      throw ModelsError(
        .cannotWrite, at: path,
        message:
          "cannot be removed: \(String(cString: strerror(errno))). Check the folder's permissions.")
    }
    repository?.removeEmptyFolders()
  }

  private static func notOurs(_ path: String) -> ModelsError {
    ModelsError(
      .notOurs, at: path,
      message:
        "only models in Fathom's own folder and in the hub's cache are removed. Remove this file yourself."
    )
  }

  private static func parts(of path: String) -> [String] {
    HubChoice.parts(of: path).filter { FileIdentity(path: $0) != nil }
  }

  private static func bytes(of paths: [String]) -> Int {
    paths.reduce(0) { $0 + ((try? FileReader.size(of: $1)) ?? 0) }
  }
}
