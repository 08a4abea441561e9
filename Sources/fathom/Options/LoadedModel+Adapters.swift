import Chat
import Foundation
import GGUF
import Inference
import Models
import Reports
import Transformer

extension LoadedModel {
  /// The model with the adapter that the options name, or none; where they say nothing, with the exits
  /// that came with the program for this very file, if some did.
  func adapted(as options: ModelOptions) throws -> LoadedModel {
    try options.adapter.map { try adapted(to: $0) } ?? withBuiltInExits()
  }

  /// What cannot be used of what came with the program is said, and nothing more: the model runs
  /// without.
  private func withBuiltInExits() -> LoadedModel {
    for path in BuiltInAdapters().files {
      do {
        let file = try GGUFFile(path: path)
        let base = try AdapterHead(metadata: file.metadata).base
        // The model is only hashed where it could be the one.
        guard
          base
            == AdapterHead.Base(
              sha256: base.sha256, name: base.name, blueprint: weights.blueprint),
          base.sha256 == (try fingerprint())
        else { continue }
        return try adapted(by: file, fingerprint: base.sha256, isBuiltIn: true)
      } catch {
        printError("fathom: \(path): \(error)".visible)
      }
    }
    return self
  }
}
