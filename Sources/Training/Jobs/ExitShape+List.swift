package import Transformer

extension ExitShape {
  /// Modules of the forms that `text` names with commas, one for all or one for each of `depths`, by
  /// ascending depth. Without depths they stand after two thirds and five sixths of the blocks.
  package static func modules(
    _ text: String, at depths: [Int]?, blockCount: Int
  ) throws(TrainingError) -> [ExitShape] {
    let usual = Set([blockCount * 2 / 3, blockCount * 5 / 6]).filter {
      (1..<blockCount).contains($0)
    }.sorted()
    let depths = depths ?? usual
    let words = text.split(separator: ",").map(String.init)
    guard words.count == 1 || words.count == depths.count else {
      throw TrainingError(
        .badArgument, at: "--module", "--module takes one form, or one for each exit.")
    }
    var modules: [ExitShape] = []
    for (index, depth) in depths.enumerated() {
      guard let kind = Kind(words.count == 1 ? words[0] : words[index]) else {
        throw TrainingError(.badArgument, at: "--module", "--module takes \(Kind.notation).")
      }
      modules.append(ExitShape(depth: depth, kind: kind))
    }
    return modules.sorted { $0.depth < $1.depth }
  }
}
