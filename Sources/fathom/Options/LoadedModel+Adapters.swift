import Chat
import Foundation
import GGUF
import Inference
import Models
import Reports
import Transformer

extension LoadedModel {
  /// The model with the adapter and the draft head that the options name, or none; where they say nothing,
  /// with what came with the program for this very file, if something did.
  func adapted(as options: ModelOptions) throws -> LoadedModel {
    let model = try options.adapter.map { try adapted(to: $0) } ?? withBuiltIn(.exits)
    switch options.draftHead {
    case nil: return model.withBuiltIn(.draft)
    case "none": return model
    case let path?:
      return try model.drafting(with: GGUFFile(path: path), fingerprint: try fingerprint())
    }
  }

  /// What cannot be used of what came with the program is said, and nothing more: the model runs
  /// without.
  private func withBuiltIn(_ form: AdapterHead.Form) -> LoadedModel {
    for path in BuiltInAdapters().files {
      do {
        let file = try GGUFFile(path: path)
        let head = try AdapterHead(metadata: file.metadata)
        let base = head.base
        // The model is only hashed where it could be the one.
        guard head.form == form,
          base
            == AdapterHead.Base(
              sha256: base.sha256, name: base.name, blueprint: weights.blueprint),
          base.sha256 == (try fingerprint())
        else { continue }
        return form == .draft
          ? try drafting(with: file, fingerprint: base.sha256)
          : try adapted(by: file, fingerprint: base.sha256, isBuiltIn: true)
      } catch {
        printError("fathom: \(path): \(error)".visible)
      }
    }
    return self
  }
}
