import Events
import Inference
import Models
import Techniques

/// What drafters learned of a model, from one session to the next.
///
/// It is never worth holding up or failing an answer: what cannot be read is left out with a line, what
/// cannot be written is not kept.
extension ChatSession {
  /// Gives the drafters what earlier sessions kept for the model in use.
  func recallGuesses() async {
    guard let folder = guessesFolder else { return }
    do {
      let model = dialogue.model
      // The model's file may have to be hashed first.
      let memory = try await Task.detached { try model.keptGuesses(in: folder) }.value
      if let memory, await !engine.restore(draftMemory: memory.tables) {
        throw EngineError(.badModel, "the file holds what is no table")
      }
    } catch {
      notice(
        .information,
        "What earlier sessions learned to guess is left out and learned anew: \(error)")
    }
  }

  /// Keeps what the drafters learned of a model.
  func keepGuesses(of model: LoadedModel) async {
    guard let folder = guessesFolder, let tables = await engine.draftMemory else { return }
    await Task.detached { try? model.keep(tables, in: folder) }.value
  }
}

extension LoadedModel {
  /// What tells this model from others: the digest of its file, and that of an adapter that changes it.
  func identity() throws -> String {
    guard adapter?.changesModel == true, let path = files.dropFirst().first else {
      return try fingerprint()
    }
    guard let digest = FingerprintCache.shared.sha256(ofFile: path) else {
      throw EngineError(.missingFile, "\(path): the adapter's file cannot be read again.")
    }
    return try fingerprint() + "+" + digest
  }

  /// Keeps tables for this model.
  fileprivate func keep(_ tables: [String: [UInt8]], in folder: String) throws {
    let identity = try identity()
    try GuessStore(identity: identity, folder: folder, byteLimit: DraftMemory.byteLimit)
      .write(DraftMemory(model: identity, tables: tables).bytes)
  }

  /// The tables that were kept for this model; nil where there are none.
  fileprivate func keptGuesses(in folder: String) throws -> DraftMemory? {
    let identity = try identity()
    let store = GuessStore(identity: identity, folder: folder, byteLimit: DraftMemory.byteLimit)
    guard let bytes = try store.read() else { return nil }
    let memory: DraftMemory
    do { memory = try DraftMemory(bytes) } catch {
      throw EngineError(.badModel, "\(store.path): \(error)")
    }
    guard memory.model == identity else {
      throw EngineError(.badModel, "\(store.path) is for another model")
    }
    return memory
  }
}
