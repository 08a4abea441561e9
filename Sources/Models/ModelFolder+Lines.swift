import Foundation
import GGUF
import Reports

extension ModelFolder {
  /// The files in the folder, and the default model where it lies elsewhere.
  package var listed: [String] {
    let files = files()
    let isElsewhere =
      !files.contains(defaultPath) && FileManager.default.fileExists(atPath: defaultPath)
    return files + (isElsewhere ? [defaultPath] : [])
  }

  /// What is listed, as a table for people; the default model has a mark.
  package var lines: [String] {
    let paths = listed
    let rows = paths.map { path in
      [URL(filePath: path).lastPathComponent + (path == defaultPath ? " *" : "")]
        + Self.columns(of: path)
    }
    return Table(header: ["FILE", "SIZE", "ARCHITECTURE", "TYPE"], rows: rows).lines
      + (paths.contains(defaultPath) ? ["* is the default model"] : [])
  }

  private static func columns(of path: String) -> [String] {
    do {
      let card = ModelCard(try GGUFFile(path: path))
      return [card.sizeBytes.megabytes, card.architecture ?? "-", card.mainType?.name ?? "-"]
    } catch {
      return ["-", "unreadable: \(error.message)"]
    }
  }
}
