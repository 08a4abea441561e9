package import GGUF
import Kernels
import Transformer

extension LoadedModel {
  /// This model with the exits of an adapter. `fingerprint` is the SHA-256 of the model's file; an
  /// adapter made for another file is refused.
  package func adapted(
    by adapter: GGUFFile, fingerprint: String
  ) throws(EngineError) -> LoadedModel {
    let exits: ExitModules
    do {
      exits = try ExitModules(file: adapter, weights: weights, crew: crew)
    } catch {
      throw EngineError(error)
    }
    let base = exits.head.base
    guard base.sha256 == fingerprint else {
      throw EngineError(
        .badModel,
        "The adapter \"\(exits.head.name)\" was made for another file of \(base.name) (SHA-256 "
          + "\(base.sha256.prefix(12))…), not for this one (\(fingerprint.prefix(12))…). Use that file, or "
          + "train an adapter for this one with fathom tune exits.")
    }
    return with(exits)
  }
}
