import Chat
import Events
import Files
import Foundation
import GGUF
import Inference
import Models
import Reports
import Techniques
import Transformer

extension LoadedModel {
  /// The model with the adapter and the draft head that the options name, or none; where they say nothing,
  /// with what came with the program for this very file, if something did.
  func adapted(as options: ModelOptions) throws -> LoadedModel {
    let adapted = try options.adapter.map { try self.adapted(to: $0) } ?? withBuiltIn(.exits)
    let model = adapted.withBuiltInGuesses()
    switch options.draftHead {
    case nil: return model.withBuiltIn(.draft)
    case "none": return model
    case let path?:
      return try model.drafting(with: GGUFFile(path: path), fingerprint: try fingerprint())
    }
  }

  /// With the tables that came with the program for this very file, if some did. The model is only
  /// hashed where its name begins as theirs.
  private func withBuiltInGuesses() -> LoadedModel {
    for path in BuiltInAdapters().guesses {
      let name = URL(filePath: path).deletingPathExtension().lastPathComponent
      guard card.file.hasPrefix(name) else { continue }
      do {
        let bytes = try FileReader.contents(of: path, limit: DraftMemory.byteLimit)
        let memory = try DraftMemory([UInt8](bytes))
        if memory.model == (try fingerprint()) { return with(draftTables: memory.tables) }
      } catch {
        printError("fathom: \(path): \(error)".visible)
      }
    }
    return self
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
