package import Dials
import Events
package import Files
import Foundation
import GGUF
package import Inference
import Tokenization
import Transformer

/// Writes a model without some of its blocks as a GGUF and reads it again: every logit must be that of
/// the running pruned model.
package struct CheckedExport: Sendable {
  private let model: LoadedModel

  /// An export of `model`.
  package init(model: LoadedModel) { self.model = model }

  /// The model's file without `removed`, with where it comes from. Throws an `EngineError` where an
  /// adapter changes the model.
  package func pruned(_ removed: BlockSet, method: String? = nil) throws -> PrunedFile {
    if let adapter = model.adapter, adapter.changesModel {
      throw EngineError(
        .badSetting,
        "\"\(adapter.name)\" changes the model, and a file of its blocks would not have the changes. "
          + "Put the adapter away first: /adapter off, or --adapter none.")
    }
    var pruned = try PrunedFile(GGUFFile(path: model.path), without: removed)
    pruned.method = method
    if let repair = model.weights.repair, repair.removed == removed { pruned.repair = repair }
    pruned.baseSHA256 = try PruningManifest.Model(model).sha256
    return pruned
  }

  /// Writes the file and returns the first difference; if there is one, the file is removed again. A device
  /// or a pipe gets the bytes and cannot be read again.
  package func write(_ pruned: PrunedFile, to file: OutputFile) throws -> ExportCheck.Difference? {
    try pruned.writer().write(to: file)
    let path = file.path
    guard FileIdentity(path: path)?.kind == .file else { return nil }
    let written = try Weights(file: GGUFFile(path: path), pool: model.pool)
    let check = ExportCheck(
      written, against: model.runtime, without: pruned.removed)
    let prompt = model.tokenizer.encode(
      chat: [ChatMessage(.user, "Tell me something about the sea.")], template: model.template,
      addGenerationPrompt: true)
    let difference = check.firstDifference(after: prompt, writing: 32)
    if difference != nil { try? FileManager.default.removeItem(atPath: path) }
    return difference
  }

  /// What a difference means, in words.
  package static func words(_ difference: ExportCheck.Difference) -> String {
    "the file differs from the running model at position \(difference.position): the logit of token "
      + "\(difference.token) is \(difference.written) and not \(difference.running). It was removed; "
      + "this is a defect of Fathom, please report it."
  }

  /// A name for the file, in the folder that the program was started in: the model's, and what is
  /// left out.
  package func name(without removed: BlockSet) -> String {
    let stem = URL(filePath: model.path).deletingPathExtension().lastPathComponent
    let isRepaired = model.weights.repair?.removed == removed
    let repair = isRepaired ? model.weights.repair.map { "-\($0.method)" } ?? "" : ""
    return "\(stem)-without-\(removed)\(repair).gguf"
  }
}
