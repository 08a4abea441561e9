package import Dials
import Files
import Foundation
import GGUF
package import Inference
import Models
import Transformer

/// Makes repairs of a pruned model, keeps them in its archive, and puts them to use.
package struct RepairJob {
  private let model: LoadedModel
  private let archive: PruningArchive

  /// Repairs of `model`, kept in `archive`.
  package init(model: LoadedModel, archive: PruningArchive) {
    (self.model, self.archive) = (model, archive)
  }

  /// The model without `removed`, repaired by what is kept; nil where no such repair is kept, or, with a
  /// `sample`, none that was made on it.
  package func kept(
    _ method: RepairMethod, without removed: BlockSet, sample: CalibrationSample? = nil
  ) throws(PruningError) -> LoadedModel? {
    let path = archive.path(ofRepair: method, without: removed)
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let repair = try RepairFile(path: path, baseSHA256: archive.model.sha256)
    if let sample {
      let wanted = RepairFile.Head(method, blocks: removed, of: archive.model, on: sample)
      if repair.head != wanted { return nil }
    }
    return try repaired(by: repair, without: removed, path: path)
  }

  /// The model without `removed`, repaired by what is kept or by what is made now on `sample` and kept.
  /// `goesOn` hears the share that is done; false ends it, which throws a `CancellationError`.
  package func made(
    _ method: RepairMethod, without removed: BlockSet, on sample: CalibrationSample,
    goesOn: (Double) -> Bool = { _ in true }
  ) throws -> LoadedModel {
    if let kept = try kept(method, without: removed, sample: sample) { return kept }
    let path = archive.path(ofRepair: method, without: removed)
    let fit = try RepairFit(
      model, file: GGUFFile(path: model.path), without: removed, by: method, on: sample)
    guard let tensors = try fit.run(goesOn) else { throw CancellationError() }
    let head = RepairFile.Head(method, blocks: removed, of: archive.model, on: sample)
    let repair = try RepairFile(head, tensors: tensors, path: path)
    try repair.write(to: path)
    return try repaired(by: repair, without: removed, path: path)
  }

  /// The model without `removed`, repaired as usual by what is kept, or by what is made now on a text that the
  /// model writes itself.
  package func keptOrMade(
    without removed: BlockSet, goesOn: (Double) -> Bool
  ) throws -> LoadedModel {
    if let kept = try kept(.usual, without: removed) { return kept }
    let (count, length, seed) = (24, 512, 42 as UInt64)
    // To write the text takes longer than to repair on it.
    let text = try SelfWrittenArchive(model: model, archive: archive).text(
      of: count * length, seed: seed
    ) { goesOn(0.7 * Double($0) / Double(count * length)) }
    let sample = try CalibrationSample(texts: [text], count: count, length: length, seed: seed)
    return try made(.usual, without: removed, on: sample) { goesOn(0.7 + 0.3 * $0) }
  }

  /// What a manifest says of a repair that is kept.
  package func entry(
    _ method: RepairMethod, without removed: BlockSet
  ) throws(PruningError) -> PruningRepair {
    let path = archive.path(ofRepair: method, without: removed)
    let repair = try RepairFile(path: path, baseSHA256: archive.model.sha256)
    guard let digest = FingerprintCache.shared.sha256(ofFile: path) else {
      throw PruningError(.cannotRead, place: path, "the repair cannot be read again.")
    }
    return PruningRepair(repair.head, sha256: digest)
  }

  private func repaired(
    by repair: RepairFile, without removed: BlockSet, path: String
  ) throws(PruningError) -> LoadedModel {
    guard repair.head.blocks == removed else {
      throw PruningError(
        .badManifest, place: path,
        "the repair is for the model without \(repair.head.blocks), not without \(removed). Make it again "
          + "with fathom prune --repair.")
    }
    do {
      return model.repaired(
        by: try Repair(
          file: repair.file, method: repair.head.method.rawValue, removed: removed,
          blueprint: model.weights.blueprint, pool: model.pool))
    } catch {
      throw PruningError(.badManifest, place: path, "\(error)")
    }
  }
}

extension PruningArchive {
  /// Where the repair of the model without `removed` lies.
  package func path(ofRepair method: RepairMethod, without removed: BlockSet) -> String {
    repairPath("\(method.rawValue)-without-\(removed)")
  }
}
