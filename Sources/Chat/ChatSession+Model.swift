import Events
package import Inference

extension ChatSession {
  /// Opens a model that a person named, and says how it is to be called.
  package typealias OpenModel = @Sendable (String) throws -> (LoadedModel, ModelReference)

  /// Goes on with another model, which reads again what was said. Until it is there, and where it cannot be
  /// had, nothing changes.
  func changeModel(to name: String) async throws {
    guard let openModel else { throw ChatError("Another model cannot be had here.") }
    show(.progress(Progress("loading \(name)")))
    defer { show(.progress(nil)) }
    let (model, reference) = try await Task.detached { try openModel(name) }.value
    var changed = dialogue
    let words = try changed.change(to: model, reference)
    await engage(changed)
    for text in dialogue.notices { notice(.warning, text) }
    publishGoingOn(from: id)
    notice(.information, "\(model.card.file) goes on from here\(words).")
    if let facts = await blockFacts() { show(.blockFacts(facts)) }
  }

  /// Says with what this session goes on from the records of session `old`.
  func publishGoingOn(from old: String) {
    publish(
      .parameter(
        .goesOn(
          from: old, as: dialogue.sessionRecord(of: engine, id: id, tool: tool),
          tNs: engine.elapsed)))
    publishPreset()
  }
}

extension Dialogue {
  /// Puts another model in the place of this one, which the settings in force are for if it can be run with
  /// them; or else the usual ones, and the words say so.
  mutating func change(to other: LoadedModel, _ reference: ModelReference) throws -> String {
    var words = ""
    var kept = settings
    // A preset, an exit or a missing block means something for one model only.
    (kept.preset, kept.beforePreset) = (nil, nil)
    kept.depth = ChatSettings().depth
    kept.pruned = ChatSettings().pruned
    if kept.depth != settings.depth || kept.pruned != settings.pruned || settings.preset != nil {
      words = ", at full depth: exits and pruned blocks were the other model's"
    }
    if (try? kept.dials(for: other)) == nil {
      kept.budget = ChatSettings().budget
      kept.draft = ChatSettings().draft
      words = ", under the usual settings: those in force were the other model's"
    }
    let dials = try kept.dials(for: other)
    self = Dialogue(self, with: other, reference, kept, dials)
    return words
  }
}
