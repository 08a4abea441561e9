import ArgumentParser
import Foundation
import Models
import Reports

/// `fathom rm`: remove a model.
struct RemoveCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rm", abstract: "Remove a model.",
    discussion: """
      From Fathom's own folder, or from the cache that programs for the Hugging Face hub share; contents that \
      something else in that cache needs stay. What ollama keeps, and files elsewhere, are not touched.
      """)

  @Argument(help: "A name that 'fathom list' shows.", completion: Completions.modelNames)
  var name: String

  @Flag(name: .shortAndLong, help: "Do not ask.")
  var yes = false

  func run() async throws {
    try await reportingErrors {
      let removal = try ModelRemoval(of: name, in: ModelFolder())
      guard yes || Self.isAgreed(removal) else {
        printError("nothing was removed")
        throw ExitCode.failure
      }
      try removal.run()
      printError("\(removal.name.visible): removed, \(removal.freedBytes.megabytes) free")
      if removal.keepsContents {
        printError("its contents stay: another file in the cache has the same")
      }
    }
  }

  /// Whether the person at the terminal says yes; nobody is there to say so without one.
  private static func isAgreed(_ removal: ModelRemoval) -> Bool {
    guard isatty(STDIN_FILENO) == 1 else {
      printError(
        "fathom: nobody is there to be asked; give --yes to remove \(removal.name.visible)")
      return false
    }
    for path in removal.paths { printError("  \(path.visible)") }
    printError("Remove \(removal.name.visible) (\(removal.freedBytes.megabytes))? [y/N]")
    return ["y", "yes"].contains(readLine()?.lowercased() ?? "")
  }
}
