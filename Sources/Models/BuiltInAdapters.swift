import Foundation

/// The adapters that came with the program.
///
/// They lie beside a program that was built, in its bundle of resources, or under `share` beside the
/// folder of an installed one. A program without them is whole: it has no trained exits to offer.
package struct BuiltInAdapters: Hashable, Sendable {
  /// Where they may lie; the first folder that exists is taken.
  private let folders: [String]

  /// Those of this program, or of the folder that the variable `FATHOM_ADAPTERS` names; where it is
  /// empty there are none.
  package init(environment: [String: String] = ProcessInfo.processInfo.environment) {
    if let folder = environment["FATHOM_ADAPTERS"] {
      folders = folder.isEmpty ? [] : [folder]
      return
    }
    let program = Bundle.main.executableURL?.resolvingSymlinksInPath().deletingLastPathComponent()
    folders =
      program.map { program in
        [
          "fathom_Models.resources/adapters", "fathom_Models.bundle/adapters",
          "fathom_Models.bundle/Contents/Resources/adapters", "../share/fathom/adapters",
        ].map { program.appending(path: $0).standardized.path }
      } ?? []
  }

  /// The paths of the adapters, by name.
  package var files: [String] { files(endingWith: ".gguf") }

  /// The paths of tables that drafters begin with, by name: that of the model, and `.guesses`.
  package var guesses: [String] { files(endingWith: ".guesses") }

  private func files(endingWith ending: String) -> [String] {
    for folder in folders {
      guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
        continue
      }
      return names.filter { $0.hasSuffix(ending) }.sorted().map { "\(folder)/\($0)" }
    }
    return []
  }
}
