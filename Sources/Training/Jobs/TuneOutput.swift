import Events
package import Files
package import GGUF
import Inference
package import Transformer

/// The file that a training writes, and what it says about itself.
package struct TuneOutput: Sendable {
  /// Where it goes.
  package var file: OutputFile
  /// How matrices are stored.
  package var type: TensorType
  /// What people call it; nil: what the base is called, and what was done to it.
  package var name: String?
  /// Its licence, as an SPDX expression.
  package var license: String
  /// How it was made, as far as the command knows.
  package var recipe: AdapterHead.Recipe

  /// A file.
  package init(
    file: OutputFile, type: TensorType, name: String? = nil, license: String,
    recipe: AdapterHead.Recipe
  ) {
    self.file = file
    self.type = type
    self.name = name
    self.license = license
    self.recipe = recipe
  }

  /// The head of an adapter of this form; `what` follows the base's name where none was given.
  func head(_ form: AdapterHead.Form, of base: TuneBase, what: String) -> AdapterHead {
    let name = base.model.card.name
    return AdapterHead(
      name: self.name ?? "\(name) \(what)", license: license, form: form,
      base: AdapterHead.Base(
        sha256: base.fingerprint, name: name, blueprint: base.model.weights.blueprint),
      exits: [], shortlist: [], recipe: recipe)
  }
}
