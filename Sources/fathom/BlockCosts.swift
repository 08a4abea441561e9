import Dials
import Evaluation
import Foundation
import Inference
import Pruning

/// What each block of a model costs, measured on a text that no search has seen, and kept.
enum BlockCosts {
  /// Tokens that are read for it.
  static let tokenCount = HeldOutText.length * HeldOutText.count

  /// The costs that were measured before, in nats a token.
  static func kept(in archive: PruningArchive) -> [BlockIndex: Double]? {
    guard let data = FileManager.default.contents(atPath: archive.costsPath),
      let list = try? JSONDecoder().decode([Double].self, from: data),
      list.count == archive.model.blockCount
    else { return nil }
    return Dictionary(
      uniqueKeysWithValues: list.enumerated().map { (BlockIndex($0), $1) })
  }

  /// Measures them and keeps them; `progress` hears the share that is done, and ends it with false.
  static func measure(_ model: LoadedModel, progress: (Double) -> Bool) throws {
    let archive = try PruningArchive(model: model)
    let windows = try HeldOutText(model: model).windows
    let pass = BlockSetPass(model.runtime, length: windows.length)
    let sequences = (0..<windows.count).map { windows[$0] }
    guard let costs = pass.costs(on: sequences, progress: progress) else {
      throw CancellationError()
    }
    let url = URL(filePath: archive.costsPath)
    let list = (0..<model.blockCount).map { costs[BlockIndex($0)] ?? 0 }
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try JSONEncoder().encode(list).write(to: url, options: .atomic)
  }
}
