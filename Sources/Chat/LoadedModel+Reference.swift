package import Events
import Files
import GGUF
package import Inference
import Models

extension LoadedModel {
  /// The model with the adapter at `reference`, or with none for `none` or `off`.
  package func adapted(to reference: String) throws -> LoadedModel {
    if ["none", "off"].contains(reference) { return withoutAdapter }
    let path = HomeFolder.expand(reference)
    return try adapted(by: try GGUFFile(path: path), fingerprint: try fingerprint())
  }

  /// What the file is, with its SHA-256, which is nil where the file cannot be read again.
  package var hashedCard: SessionRecord.Model {
    var card = card
    card.sha256 = try? fingerprint()
    return card
  }

  /// The SHA-256 of the model's file, which is hashed once.
  package func fingerprint() throws -> String {
    guard let digest = FingerprintCache.shared.sha256(ofFile: path) else {
      throw EngineError(.missingFile, "\(path): the model's file cannot be read again.")
    }
    return digest
  }
}
