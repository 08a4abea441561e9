import Foundation
import GGUF
import Reports

extension ModelFolder {
  /// Every model that is here: the files in the folder, the default model where it lies elsewhere, what came
  /// from the hub, and what ollama keeps.
  package var found: [FoundModel] {
    var models = files().map {
      FoundModel(name: URL(filePath: $0).lastPathComponent, path: $0, origin: .folder)
    }
    let others =
      (hub?.models ?? []).map { FoundModel(name: $0.name, path: $0.path, origin: .hub) }
      + (ollama?.models ?? []).map { FoundModel(name: $0.name, path: $0.path, origin: .ollama) }
    let isElsewhere =
      !(models + others).contains { $0.path == defaultPath }
      && FileManager.default.fileExists(atPath: defaultPath)
    if isElsewhere {
      let name = URL(filePath: defaultPath).lastPathComponent
      models.append(FoundModel(name: name, path: defaultPath, origin: .elsewhere))
    }
    return models + others
  }

  /// What is here, as a table for people; the default model has a mark.
  package var lines: [String] {
    let models = found
    let rows = models.map { model in
      [model.name + (model.path == defaultPath ? " *" : "")] + Self.columns(of: model.path)
        + [model.origin.words]
    }
    return Table(header: ["NAME", "SIZE", "ARCHITECTURE", "TYPE", "FROM"], rows: rows).lines
      + (models.contains { $0.path == defaultPath } ? ["* is the default model"] : [])
  }

  private static func columns(of path: String) -> [String] {
    do {
      let card = ModelCard(try GGUFFile(path: path))
      return [card.sizeBytes.megabytes, card.architecture ?? "-", card.mainType?.name ?? "-"]
    } catch {
      return ["-", "-", "unreadable: \(error.message)"]
    }
  }
}
