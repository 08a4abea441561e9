import Dials
import Events
import Foundation
package import Inference
import Models

/// Where the searches of a model are kept.
package struct PruningArchive: Sendable {
  /// The model.
  package let model: PruningManifest.Model
  private let stem: String

  /// The archive in `folder` for the model that was loaded.
  package init(
    model: LoadedModel, folder: String = Places().pruningFolder
  ) throws(PruningError) {
    self.model = try PruningManifest.Model(model)
    stem = "\(folder)/\(self.model.sha256.prefix(16))"
  }

  /// Where a search of this method lies unless a person says otherwise.
  package func path(of method: PruningMethod, seed: UInt64) -> String {
    "\(stem)-\(method.rawValue)\(method == .random ? "-\(seed)" : "").json"
  }

  /// Where the cost of each block lies.
  package var costsPath: String { stem + "-costs.json" }

  /// Where studies of the methods keep what they measured.
  package var studyPath: String { stem + "-study.jsonl" }

  /// Where a repair with these words in its name lies.
  func repairPath(_ words: String) -> String { "\(stem)-\(words).gguf" }

  /// Where the text that the model wrote itself lies.
  package func textPath(seed: UInt64) -> String { "\(stem)-text-\(seed).json" }

  /// The manifest at `path`, or the model's own; for this model.
  package func manifest(at path: String?) throws(PruningError) -> PruningManifest {
    let place = path ?? self.path(of: .sleb, seed: 0)
    if path == nil, !FileManager.default.fileExists(atPath: place) {
      throw PruningError(
        .cannotRead, place: model.file,
        "nobody has searched this model for blocks yet. fathom prune does, in a few minutes.")
    }
    let manifest = try PruningManifest(path: place)
    try manifest.check(sha256: model.sha256, file: place)
    guard manifest.model.blockCount == model.blockCount else {
      throw PruningError(
        .badManifest, place: place,
        "it says that the model has \(manifest.model.blockCount) blocks; it has \(model.blockCount). Make "
          + "it again with fathom prune.")
    }
    return manifest
  }
}

extension PruningManifest.Model {
  /// The model that was loaded, with the digest of its file, which is hashed once.
  package init(_ model: LoadedModel) throws(PruningError) {
    guard let digest = FingerprintCache.shared.sha256(ofFile: model.path) else {
      throw PruningError(.cannotRead, place: model.path, "the model's file cannot be read again.")
    }
    self.init(file: model.card.file, sha256: digest, blockCount: model.blockCount)
  }
}
