import Techniques
import Transformer

extension Engine {
  /// The tables of the drafters, by their words; nil where they learned nothing since they were restored.
  package var draftMemory: [String: [UInt8]]? { decoder.planner.memory }

  /// Puts kept tables in the place of what the drafters know of the model that is in use. False where one
  /// of them is no table for its vocabulary: it is left out.
  package func restore(draftMemory tables: [String: [UInt8]]) -> Bool {
    decoder.recallsBuiltIn = false
    return decoder.planner.restore(
      tables, vocabularyCount: model.weights.blueprint.vocabularyCount)
  }
}

extension Decoder {
  /// Gives the drafters the tables that came with the model, before they are asked for the first time.
  func recallBuiltIn(_ model: LoadedModel) {
    guard recallsBuiltIn else { return }
    recallsBuiltIn = false
    // What is no table was left out where it was read.
    _ = planner.restore(
      model.draftTables, vocabularyCount: model.weights.blueprint.vocabularyCount)
  }
}
