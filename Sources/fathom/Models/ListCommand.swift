import ArgumentParser
import Models
import Reports

/// `fathom list`: the models that are here.
struct ListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the models that are here.")

  func run() async throws {
    try await reportingErrors {
      let folder = ModelFolder()
      guard !folder.listed.isEmpty else {
        return printError(
          "no models in \(folder.path.visible); run 'fathom pull' to fetch the default one")
      }
      for line in folder.lines { try say(line) }
    }
  }
}
