package import GGUF
package import Inference

/// The model that is taught, with its file.
package struct TuneBase: Sendable {
  /// The file.
  package let file: GGUFFile
  /// The model.
  package let model: LoadedModel
  /// The SHA-256 of the file.
  package let fingerprint: String

  /// A base.
  package init(file: GGUFFile, model: LoadedModel, fingerprint: String) {
    self.file = file
    self.model = model
    self.fingerprint = fingerprint
  }

  /// Makes texts of rows, of at most `length` tokens.
  package func builder(length: Int, heldOutShare: Float = 0.03) -> TextBuilder {
    TextBuilder(
      tokenizer: model.tokenizer, template: model.template, length: length,
      heldOutShare: heldOutShare)
  }
}
