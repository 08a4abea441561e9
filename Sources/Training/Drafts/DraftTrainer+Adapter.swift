package import GGUF
package import Transformer

extension DraftTrainer {
  /// The draft head as it stands: the file of docs/ADAPTERS.md. `head` is what the file says about itself;
  /// tokens, chances and the course of the training are filled in here.
  package func adapter(
    _ head: AdapterHead, score: DraftScore, type: TensorType
  ) -> GGUFWriter {
    var head = head
    head.shortlist = tokens
    head.draft = AdapterHead.Draft(
      inner: shape.inner, bounds: DraftScore.bounds.map { Double($0) }, chances: score.chances,
      rates: score.rates)
    head.recipe.steps = step
    head.recipe.positions = step * settings.batchSize
    head.recipe.seed = settings.seed
    var writer = GGUFWriter()
    for (key, value) in head.metadata { writer.set(key, to: value) }
    for part in DraftShape.Part.allCases {
      guard let entry = parameters.entry(part.name) else { continue }
      writer.add(entry.name, matrix: parameters.values(of: entry), as: type)
    }
    return writer
  }
}

extension DraftTrainer {
  /// Writes the state to `path`.
  package func save(to path: String) throws(TrainingError) {
    try Checkpoint.write(parameters, step: step, recipe: recipe, to: path)
  }

  /// Goes on from a checkpoint of the same settings.
  package func resume(from checkpoint: Checkpoint) throws(TrainingError) {
    step = try checkpoint.resume(parameters, recipe: recipe)
  }

  /// What decides every number of the training.
  private var recipe: String {
    "draft head \(shape.inner) of \(cache.description.base.prefix(12)), \(settings.guesses) guesses by "
      + "\(settings.decay), \(settings.steps) steps of \(settings.shardsPerStep) x "
      + "\(settings.shardRows), rate \(settings.rate), seed \(settings.seed), texts "
      + "\(cache.description.texts), \(cache.description.count) positions, \(tokens.count) tokens"
  }
}
