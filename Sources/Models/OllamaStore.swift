import Files
import Foundation

/// The models that ollama keeps, which are read where they lie: a manifest names the contents by their SHA-256.
package struct OllamaStore: Hashable, Sendable {
  /// What names of its models begin with.
  package static let prefix = "ollama:"
  /// What ollama leaves out of a name, since most models come from there.
  private static let usual = (host: "registry.ollama.ai", space: "library")
  /// What the manifest calls the file in the GGUF format.
  private static let mediaType = "application/vnd.ollama.image.model"

  /// The folders that may hold models; those that are not there hold none.
  private let folders: [String]

  /// The store in these folders.
  package init(folders: [String]) { self.folders = folders }

  /// The folder that `OLLAMA_MODELS` names, else that of the person and that of the system's service.
  package init(environment: [String: String]) {
    if let folder = environment["OLLAMA_MODELS"], !folder.isEmpty {
      folders = [HomeFolder.expand(folder, environment: environment)]
    } else {
      folders = [
        HomeFolder.path(environment: environment) + "/.ollama/models",
        "/usr/share/ollama/.ollama/models",
      ]
    }
  }

  /// Every model that is there, by its name with the prefix, and where its contents lie.
  package var models: [(name: String, path: String)] {
    var seen: Set<String> = []
    return folders.flatMap { folder in
      let root = folder + "/manifests"
      let paths = (try? FileManager.default.subpathsOfDirectory(atPath: root)) ?? []
      return paths.sorted().compactMap { path -> (name: String, path: String)? in
        let parts = path.split(separator: "/").map(String.init)
        guard parts.count == 4, let contents = contents(of: "\(root)/\(path)", in: folder) else {
          return nil
        }
        let name = Self.name(parts)
        return seen.insert(name).inserted ? (name, contents) : nil
      }
    }
  }

  /// Where the contents of the model of this name lie, with or without its tag, which is `latest` then; nil where
  /// there is no such model.
  package func path(named name: String) -> String? {
    let name = name.lowercased()
    let hasTag = name.dropFirst(Self.prefix.count).contains(":")
    return models.first {
      $0.name.lowercased() == name || (!hasTag && $0.name.lowercased() == name + ":latest")
    }?.path
  }

  /// `ollama:gemma3:270m` for host, space, model and tag.
  private static func name(_ parts: [String]) -> String {
    var shown = parts[2]
    if parts[0] != usual.host {
      shown = "\(parts[0])/\(parts[1])/\(shown)"
    } else if parts[1] != usual.space {
      shown = "\(parts[1])/\(shown)"
    }
    return "\(prefix)\(shown):\(parts[3])"
  }

  /// Where the contents lie that a manifest names; nil where it names none, or they are not there.
  private func contents(of manifest: String, in folder: String) -> String? {
    guard let data = try? FileReader.contents(of: manifest, limit: 1 << 20),
      let manifest = try? JSONDecoder().decode(Manifest.self, from: data),
      let digest = manifest.layers.first(where: { $0.mediaType == Self.mediaType })?.digest,
      digest.hasPrefix("sha256:"),
      HubListing.isHexadecimal(String(digest.dropFirst(7)), digits: 64)
    else { return nil }
    let path = "\(folder)/blobs/sha256-\(digest.dropFirst(7))"
    return FileIdentity(path: path)?.kind == .file ? path : nil
  }

  private struct Manifest: Decodable {
    struct Layer: Decodable {
      var mediaType: String
      var digest: String
    }
    var layers: [Layer]
  }
}
