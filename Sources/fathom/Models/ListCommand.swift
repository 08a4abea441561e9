import ArgumentParser
import Models
import Reports

/// `fathom list`: the models that are here.
struct ListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the models that are here.")

  func run() async throws {
    let folder = ModelFolder()
    guard !folder.listed.isEmpty else {
      printError("no models in \(folder.path.visible); run 'fathom pull' to fetch the default one")
      return
    }
    for line in folder.lines { print(line) }
  }
}
