import ArgumentParser
import Foundation
import GGUF
import Models
import Reports

/// `fathom list`: the models that are here.
struct ListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the models that are here.")

  func run() async throws {
    let folder = ModelFolder()
    var paths = folder.files()
    // A default that lies elsewhere belongs to the list too.
    let standard = folder.defaultPath
    if !paths.contains(standard), FileManager.default.fileExists(atPath: standard) {
      paths.append(standard)
    }
    guard !paths.isEmpty else {
      printError("no models in \(folder.path.visible); run 'fathom pull' to fetch the default one")
      return
    }
    let rows = paths.map { path in
      let name =
        path == standard
        ? URL(filePath: path).lastPathComponent + " *" : URL(filePath: path).lastPathComponent
      return [name] + Self.columns(of: path)
    }
    for line in Table(header: ["FILE", "SIZE", "ARCHITECTURE", "TYPE"], rows: rows).lines {
      print(line)
    }
    if paths.contains(standard) { print("* is the default model") }
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
