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
  /// The model with the adapter, the draft head and the small feed-forwards that the options name, or none;
  /// where they say nothing, with what came with the program for this very file, if something did.
  func adapted(as options: ModelOptions) throws -> LoadedModel {
    let adapted = try options.adapter.map { try self.adapted(to: $0) } ?? withBuiltIn(.exits)
    let model = try adapted.withBuiltInGuesses().with(.draft, options.draftHead)
    return try model.with(.duo, options.duo)
  }

  /// With the file at `path` of a form, with none for `none`, and else with what came with the program.
  private func with(_ form: AdapterHead.Form, _ path: String?) throws -> LoadedModel {
    switch path {
    case nil: withBuiltIn(form)
    case "none": self
    case let path?: try with(form, try GGUFFile(path: path), fingerprint: try fingerprint())
    }
  }

  private func with(
    _ form: AdapterHead.Form, _ file: GGUFFile, fingerprint: String
  ) throws -> LoadedModel {
    switch form {
    case .draft: try drafting(with: file, fingerprint: fingerprint)
    case .duo: try routing(with: file, fingerprint: fingerprint)
    case .exits, .lora: try adapted(by: file, fingerprint: fingerprint, isBuiltIn: true)
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
        return try with(form, file, fingerprint: base.sha256)
      } catch {
        printError("fathom: \(path): \(error)".visible)
      }
    }
    return self
  }
}
