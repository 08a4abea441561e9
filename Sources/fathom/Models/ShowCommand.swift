import ArgumentParser
import GGUF
import Models
import Reports

/// `fathom show`: what a model's file says about itself.
struct ShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show what is in a model's file.")

  @Argument(
    help:
      "A path, the name of a known model, or of a file that 'list' shows. The default model if left out.",
    completion: Completions.models)
  var file: String?

  @OptionGroup var hub: HubOptions

  @Flag(help: "Print only where the model lies.")
  var path = false

  func validate() throws { try hub.check(beside: file) }

  func run() async throws {
    try await reportingErrors {
      let file = try await hub.fetched() ?? file
      if path {
        if file == nil { try say(ModelFolder().defaultPath.visible) }
        let found = try ModelFolder().resolve(file)
        if file != nil { try say(found.visible) }
      } else {
        let card = ModelCard(try GGUFFile(path: try ModelFolder().resolve(file)))
        for line in card.lines { try say(line) }
      }
    }
  }
}
