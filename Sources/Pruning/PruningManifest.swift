package import Dials
package import Files
import Foundation

/// Which blocks a model can do without, in the order in which they go. The first k of them are a valid
/// smaller model, for every k.
package struct PruningManifest: Hashable, Codable, Sendable {
  /// The model that was searched.
  package struct Model: Hashable, Codable, Sendable {
    /// The file's name.
    package var file: String
    /// The SHA-256 of the file.
    package var sha256: String
    /// Its blocks.
    package var blockCount: Int

    /// A model.
    package init(file: String, sha256: String, blockCount: Int) {
      self.file = file
      self.sha256 = sha256
      self.blockCount = blockCount
    }
  }

  /// The version of this form.
  package private(set) var v = 1
  /// What this is.
  package private(set) var type = Self.kind
  /// The model.
  package var model: Model
  /// How the blocks were chosen.
  package var method: PruningMethod
  /// The seed of a random choice.
  package var seed: UInt64
  /// The text that judged.
  package var calibration: CalibrationProvenance
  /// Tokens of the text that were scored.
  package var scoredCount: Int
  /// The whole model's summed loss of each sequence, in nats.
  package var denseLosses: [Double]
  /// The blocks, the first to go in front.
  package var steps: [PruningStep]
  /// The repairs that were made of its first blocks; nil where there are none.
  package var repairs: [PruningRepair]?

  private static let kind = "fathom.pruning"

  /// A manifest without steps.
  package init(
    model: Model, method: PruningMethod, seed: UInt64, sample: CalibrationSample,
    denseLosses: [Double]
  ) {
    self.model = model
    self.method = method
    self.seed = seed
    calibration = sample.provenance
    scoredCount = sample.scoredCount
    self.denseLosses = denseLosses
    steps = []
  }

  /// The perplexity of the calibration text for the whole model.
  package var densePerplexity: Double {
    exp(denseLosses.reduce(0, +) / Double(max(1, scoredCount)))
  }

  /// The first `count` blocks that go; all of them where no count is given.
  package func blocks(_ count: Int? = nil) throws(PruningError) -> BlockSet {
    let count = count ?? steps.count
    guard (0...steps.count).contains(count) else {
      throw PruningError(
        .tooMany, place: "--blocks \(count)",
        "the manifest removes \(steps.count) blocks of \(model.file); ask for 0 to \(steps.count), "
          + "or search on with fathom prune --blocks \(count).")
    }
    return BlockSet(steps.prefix(count).map(\.block))
  }

  /// Whether a search with these settings can go on from this manifest.
  package func continues(_ other: PruningManifest) -> Bool {
    model.sha256 == other.model.sha256 && method == other.method
      && (method != .random || seed == other.seed)
      && calibration.sha256 == other.calibration.sha256
  }

  /// Checks that the manifest is for the model with this digest.
  package func check(sha256: String, file: String) throws(PruningError) {
    guard sha256 == model.sha256 else {
      throw PruningError(
        .otherModel, place: file,
        "the manifest was made for \(model.file) (SHA-256 \(model.sha256.prefix(12))…), and this "
          + "model is another (\(sha256.prefix(12))…). Run fathom prune for this one.")
    }
  }
}

// MARK: - As a file

extension PruningManifest {
  /// Reads a manifest and checks that it makes sense.
  package init(path: String) throws(PruningError) {
    let data: Data
    do { data = try FileReader.contents(of: path) } catch {
      throw PruningError(.cannotRead, place: path, "\(error.reason). fathom prune makes one.")
    }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    do {
      self = try decoder.decode(Self.self, from: data)
    } catch {
      throw PruningError(
        .badManifest, place: path, "this is not a pruning manifest. fathom prune makes one.")
    }
    try validate(path: path)
  }

  /// Writes the manifest whole or not at all, with the folder it lies in; an older one is replaced.
  package func write(to path: String) throws(FileError) {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do {
      try FileManager.default.createDirectory(
        at: URL(filePath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
      try OutputFile(path, replaces: true).write(encoder.encode(self) + Data("\n".utf8))
    } catch {
      throw FileError(error, .writing, path: path)
    }
  }

  private func validate(path: String) throws(PruningError) {
    func failure(_ problem: String) -> PruningError {
      PruningError(.badManifest, place: path, "\(problem). Make it again with fathom prune.")
    }
    guard type == Self.kind, v == 1 else {
      throw failure("this is a \(type) of version \(v), and \(Self.kind) of version 1 is needed")
    }
    guard (1...BlockSet.capacity).contains(model.blockCount) else {
      throw failure("no model has \(model.blockCount) blocks")
    }
    let blocks = steps.map(\.block)
    if let outside = blocks.first(where: { !(0..<model.blockCount).contains($0.rawValue) }) {
      throw failure(
        "it removes block \(outside.rawValue) of \(model.blockCount); they are "
          + "0-\(model.blockCount - 1)")
    }
    guard Set(blocks).count == blocks.count else { throw failure("it removes a block twice") }
    guard blocks.count < model.blockCount else {
      throw failure("it removes all \(model.blockCount) blocks; one at least must stay")
    }
    guard denseLosses.count == steps.first?.sequenceLosses.count ?? denseLosses.count,
      steps.allSatisfy({ $0.loss.isFinite && $0.sequenceLosses.count == denseLosses.count }),
      NumberCheck.count.contains(scoredCount),
      NumberCheck.count.contains(calibration.sequenceLength)
    else { throw failure("its losses do not fit its calibration text") }
  }
}
