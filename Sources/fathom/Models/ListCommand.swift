import ArgumentParser
import Models
import Reports

/// `fathom list`: the models that are here.
struct ListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the models that are here.",
    discussion: """
      Those of Fathom's own folder, of the cache that programs for the Hugging Face hub share, and of ollama, each by \
      a name for -m.
      """)

  func run() async throws {
    try await reportingErrors {
      let folder = ModelFolder()
      guard !folder.found.isEmpty else {
        return printError(
          "no models in \(folder.path.visible); run 'fathom pull' to fetch the default one")
      }
      for line in folder.lines { try say(line) }
    }
  }
}
