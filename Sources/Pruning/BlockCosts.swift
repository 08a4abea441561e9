package import Dials
import Files
import Foundation
package import Inference

/// What each block of a model costs, in nats a token, as it was measured on a text that no search has
/// seen.
package struct BlockCosts {
  private let archive: PruningArchive

  /// The costs that `archive` keeps.
  package init(in archive: PruningArchive) { self.archive = archive }

  /// The costs that were measured before.
  package var kept: [BlockIndex: Double]? {
    guard let data = FileManager.default.contents(atPath: archive.costsPath),
      let list = try? JSONDecoder().decode([Double].self, from: data),
      list.count == archive.model.blockCount
    else { return nil }
    return Dictionary(
      uniqueKeysWithValues: list.enumerated().map { (BlockIndex($0), $1) })
  }

  /// Measures them on `sequences` and keeps them; `progress` hears the
  /// share that is done, and ends it with false, which throws a `CancellationError`.
  package func measure(
    _ model: LoadedModel, on sequences: [[TokenID]], progress: (Double) -> Bool = { _ in true }
  ) throws {
    let pass = BlockSetPass(
      model.runtime, length: sequences.map(\.count).max() ?? 0)
    guard let costs = pass.costs(on: sequences, progress: progress) else {
      throw CancellationError()
    }
    let url = URL(filePath: archive.costsPath)
    let list = (0..<model.blockCount).map { costs[BlockIndex($0)] ?? 0 }
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try OutputFile(url.path, replaces: true).write(JSONEncoder().encode(list))
  }
}
