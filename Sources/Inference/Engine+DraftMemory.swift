import Techniques
import Transformer

extension Engine {
  /// The tables of the drafters, by their words; nil where they learned nothing since they were restored.
  package var draftMemory: [String: [UInt8]]? { decoder.planner.memory }

  /// Puts kept tables in the place of what the drafters know of the model that is in use. False where one
  /// of them is no table for its vocabulary: it is left out.
  package func restore(draftMemory tables: [String: [UInt8]]) -> Bool {
    decoder.planner.restore(
      tables, vocabularyCount: model.weights.blueprint.vocabularyCount)
  }

  /// Gives drafters that know nothing yet the tables that came with the model.
  func recallBuiltIn() {
    guard decoder.planner.isNew else { return }
    // What is no table is left out.
    _ = restore(draftMemory: model.draftTables)
  }
}
