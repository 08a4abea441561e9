package import Dials
import Files
import Foundation
package import GGUF
import Kernels
import Transformer

/// A repair as a GGUF file: the matrices that stand in for a model's own, under its names, and what they are
/// for.
package struct RepairFile: Sendable {
  /// What a repair belongs to: the same of all of it gives the same repair.
  package struct Head: Hashable, Sendable {
    /// How it was made.
    package var method: RepairMethod
    /// The blocks that are gone.
    package var blocks: BlockSet
    /// The SHA-256 of the model's file.
    package var baseSHA256: String
    /// The SHA-256 of the text that it was made on, as token ids.
    package var calibrationSHA256: String
    /// Tokens of that text.
    package var tokenCount: Int

    /// A repair of a model without `blocks`, made on `sample`.
    package init(
      _ method: RepairMethod, blocks: BlockSet, of model: PruningManifest.Model,
      on sample: CalibrationSample
    ) {
      (self.method, self.blocks) = (method, blocks)
      baseSHA256 = model.sha256
      calibrationSHA256 = sample.provenance.sha256
      tokenCount = sample.sequences.reduce(0) { $0 + $1.count }
    }
  }

  /// What it belongs to.
  package let head: Head
  /// The tensors.
  package let file: GGUFFile

  private static let kind = "fathom.repair"

  /// A repair that was just made.
  init(_ head: Head, tensors: [RepairedTensor], path: String) throws(PruningError) {
    var writer = GGUFWriter()
    writer.set("general.architecture", to: .string(Self.kind))
    writer.set("fathom.repair.method", to: .string(head.method.rawValue))
    writer.set(
      "fathom.repair.removed_blocks",
      to: .array(head.blocks.sorted.map { .integer(Int64($0.rawValue)) }))
    writer.set("fathom.repair.base_sha256", to: .string(head.baseSHA256))
    writer.set("fathom.repair.calibration_sha256", to: .string(head.calibrationSHA256))
    writer.set("fathom.repair.calibration_tokens", to: .integer(Int64(head.tokenCount)))
    for tensor in tensors {
      writer.add(name: tensor.name, shape: tensor.shape, type: tensor.type, bytes: tensor.bytes)
    }
    try self.init(bytes: writer.bytes(), path: path)
    self.bytes = writer.bytes()
  }

  /// The file's bytes, where it was just made.
  private var bytes: [UInt8]?

  /// Reads a repair and checks that it is one of the model with this digest.
  package init(path: String, baseSHA256: String) throws(PruningError) {
    do {
      try self.init(file: try GGUFFile(path: path), path: path)
    } catch let error as PruningError {
      throw error
    } catch {
      throw PruningError(.cannotRead, place: path, "\(error). fathom prune --repair makes it anew.")
    }
    guard head.baseSHA256 == baseSHA256 else {
      throw PruningError(
        .otherModel, place: path,
        "the repair was made for another model (SHA-256 \(head.baseSHA256.prefix(12))…), not for this "
          + "one (\(baseSHA256.prefix(12))…). Run fathom prune --repair for this one.")
    }
  }

  private init(bytes: [UInt8], path: String) throws(PruningError) {
    do {
      try self.init(file: try GGUFFile(bytes: bytes, path: path), path: path)
    } catch let error as PruningError {
      throw error
    } catch {
      throw PruningError(.badManifest, place: path, "\(error)")
    }
  }

  private init(file: GGUFFile, path: String) throws(PruningError) {
    self.file = file
    let keys = file.metadata
    guard keys["general.architecture"]?.string == Self.kind,
      let method = keys["fathom.repair.method"]?.string.flatMap(RepairMethod.init),
      let base = keys["fathom.repair.base_sha256"]?.string,
      let calibration = keys["fathom.repair.calibration_sha256"]?.string,
      let blocks = keys["fathom.repair.removed_blocks"]?.array?.compactMap(\.int),
      blocks.allSatisfy({ (0..<BlockSet.capacity).contains($0) })
    else {
      throw PruningError(
        .badManifest, place: path,
        "this is no repair of a pruned model. fathom prune --repair makes one.")
    }
    head = Head(
      method: method, blocks: BlockSet(blocks.map { BlockIndex($0) }), baseSHA256: base,
      calibrationSHA256: calibration,
      tokenCount: keys["fathom.repair.calibration_tokens"]?.int ?? 0)
  }

  /// Writes the file whole or not at all, with the folder it lies in; an older one is replaced.
  func write(to path: String) throws(FileError) {
    do {
      try FileManager.default.createDirectory(
        at: URL(filePath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
      try OutputFile(path, replaces: true).write(Data(bytes ?? []))
    } catch {
      throw FileError(error, .writing, path: path)
    }
  }
}

extension RepairFile.Head {
  fileprivate init(
    method: RepairMethod, blocks: BlockSet, baseSHA256: String, calibrationSHA256: String,
    tokenCount: Int
  ) {
    (self.method, self.blocks, self.baseSHA256) = (method, blocks, baseSHA256)
    (self.calibrationSHA256, self.tokenCount) = (calibrationSHA256, tokenCount)
  }
}
