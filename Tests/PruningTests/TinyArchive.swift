import Corpus
import Dials
import Foundation
import Inference
import Pruning
import TestSupport

/// A tiny model in a folder of its own, with an archive beside it.
struct TinyArchive {
  let folder: String
  let model: LoadedModel
  let archive: PruningArchive

  @inline(never)
  init(in folder: String, seed: UInt64 = 3) throws {
    let path = folder + "/tiny-\(seed).gguf"
    try Data(TinyModel(blockCount: 6, seed: seed).bytes()).write(to: URL(filePath: path))
    self.folder = folder
    model = try LoadedModel(path: path, threads: 1)
    archive = try PruningArchive(model: model, folder: folder + "/pruning")
  }

  /// A text of random tokens.
  func sample(seed: UInt64 = 1) throws -> CalibrationSample { try TinySearch().sample(seed: seed) }

  /// A search of the model on `sample`, and its manifest without steps.
  func search(
    _ method: PruningMethod = .sleb, sample: CalibrationSample
  ) -> (search: BlockSearch, manifest: PruningManifest) {
    let search = BlockSearch(model.runtime, sample: sample)
    let manifest = PruningManifest(
      model: archive.model, method: method, seed: 0, sample: sample,
      denseLosses: search.losses(without: .none))
    return (search, manifest)
  }
}
