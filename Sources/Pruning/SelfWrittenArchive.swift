package import Corpus
import Dials
import Files
import Foundation
package import Inference
import Tokenization

/// Texts that a model wrote itself, kept so that it writes each once.
package struct SelfWrittenArchive {
  private let model: LoadedModel
  private let archive: PruningArchive

  /// The texts of this model.
  package init(model: LoadedModel) throws(PruningError) {
    self.init(model: model, archive: try PruningArchive(model: model))
  }

  /// The texts of this model, which `archive` is for.
  package init(model: LoadedModel, archive: PruningArchive) {
    self.model = model
    self.archive = archive
  }

  /// A text of `count` tokens: what the model wrote before, or writes now. `progress` sees the tokens so
  /// far; false ends it, which throws a `CancellationError`.
  package func text(
    of count: Int, seed: UInt64, progress: (Int) -> Bool = { _ in true }
  ) throws -> CalibrationText {
    let path = archive.textPath(seed: seed)
    if let data = FileManager.default.contents(atPath: path),
      let ids = try? JSONDecoder().decode([Int32].self, from: data), ids.count >= count,
      ids.allSatisfy({ (0..<model.tokenizer.vocabularyCount).contains(Int($0)) })
    {
      let tokens = ids.prefix(count).map { TokenID(rawValue: $0) }
      return CalibrationText(name: SelfWrittenText.name, tokens: tokens)
    }
    var isWanted = true
    let text = SelfWrittenText.write(with: model, tokenCount: count, seed: seed) {
      isWanted = progress($0)
      return isWanted
    }
    guard isWanted else { throw CancellationError() }
    // A text that cannot be kept is written again the next time; nothing else is lost.
    let url = URL(filePath: path)
    try? FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try? OutputFile(path, replaces: true).write(JSONEncoder().encode(text.tokens.map(\.rawValue)))
    return CalibrationText(name: text.name, tokens: Array(text.tokens.prefix(count)))
  }
}
