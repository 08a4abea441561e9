import Foundation
import GGUF
import Inference
import Models
import Reports
import Transformer

extension LoadedModel {
  /// The model with the exits of the adapter at `reference`; with none for `none` or `off`; and, where
  /// nothing is said, with those that came with the program for this very file, if some did.
  func adapted(to reference: String?) throws -> LoadedModel {
    guard let reference else { return withBuiltInExits() }
    if ["none", "off"].contains(reference) { return withoutAdapter }
    let path = NSString(string: reference).expandingTildeInPath
    return try adapted(by: try GGUFFile(path: path), fingerprint: try fingerprint())
  }

  /// The SHA-256 of the model's file.
  func fingerprint() throws -> String {
    guard let digest = FingerprintCache.shared.sha256(ofFile: path) else {
      throw EngineError(.missingFile, "\(path): the model's file cannot be read again.")
    }
    return digest
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
