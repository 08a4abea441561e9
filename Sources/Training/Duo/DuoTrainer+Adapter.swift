package import GGUF
package import Transformer

extension DuoTrainer {
  /// The small feed-forwards as they stand with `routers`: the file of docs/ADAPTERS.md. `head` is what the
  /// file says about itself; form, points and the course of the training are filled in here.
  package func adapter(
    _ head: AdapterHead, routers: [Router], points: [AdapterHead.Duo.Point], type: TensorType
  ) -> GGUFWriter {
    var head = head
    head.form = .duo
    head.duo = AdapterHead.Duo(inner: modules.shape.inner, rank: modules.shape.rank, points: points)
    let made = given?.head.recipe
    head.recipe.steps = step + (made?.steps ?? 0)
    head.recipe.positions = step * settings.batch * settings.positions + (made?.positions ?? 0)
    head.recipe.seed = settings.seed
    var writer = GGUFWriter()
    for (key, value) in head.metadata { writer.set(key, to: value) }
    let shape = modules.shape
    for block in 0..<modules.blockCount {
      for part in shape.parts {
        let name = shape.name(part, block: block)
        switch part {
        case .routerWeight: writer.add(name, vector: routers[block].weights)
        case .routerBias: writer.add(name, vector: [routers[block].bias])
        case .bias, .ffnGate, .ffnUp, .linear, .ffnDown:
          if let given, step == 0 {
            given.copy(name, to: &writer)
            continue
          }
          guard let entry = parameters.entry(name) else { continue }
          let values = parameters.values(of: entry)
          if part.isVector {
            writer.add(name, vector: values.values)
          } else {
            writer.add(name, matrix: values, as: type)
          }
        }
      }
    }
    return writer
  }

  /// The small feed-forwards as a pass will read them, with `routers`.
  package func stored(
    _ head: AdapterHead, routers: [Router], type: TensorType, weights: Weights
  ) throws -> SmallFeedForwards {
    // Points are measured with these; until then there are two that say nothing.
    let points = [
      AdapterHead.Duo.Point(share: 0, offset: 1, agreement: 0, divergence: 0),
      AdapterHead.Duo.Point(share: 1, offset: 0, agreement: 1, divergence: 0),
    ]
    let bytes = adapter(head, routers: routers, points: points, type: type).bytes()
    return try SmallFeedForwards(
      file: try GGUFFile(bytes: bytes, path: "small feed-forwards"), weights: weights, pool: pool)
  }

  /// Routers that say nothing, for a file that only routes use.
  package var emptyRouters: [Router] {
    (0..<modules.blockCount).map { _ in Router(width: modules.shape.width) }
  }
}

extension DuoTrainer {
  /// Takes the small feed-forwards of a file in place of first values and steps; they stay as they are.
  package func start(from given: GivenFeedForwards) {
    for entry in parameters.entries {
      guard let tensor = given.file.tensor(named: entry.name) else { continue }
      parameters.values(of: entry).base.update(
        from: given.file.dequantize(tensor), count: min(tensor.elementCount, entry.count))
    }
    self.given = given
  }

  /// Writes the state to `path`.
  package func save(to path: String) throws(TrainingError) {
    try Checkpoint.write(parameters, step: step, recipe: recipe, to: path)
  }

  /// Goes on from a checkpoint of the same settings.
  package func resume(from checkpoint: Checkpoint) throws(TrainingError) {
    step = try checkpoint.resume(parameters, recipe: recipe)
  }

  /// What decides every number of the steps.
  private var recipe: String {
    "duo \(settings.inner) + \(settings.rank), first \(settings.firstPositions), \(settings.steps) "
      + "steps of \(settings.batch) x \(settings.positions) of \(settings.length), small "
      + "\(settings.shares.lowerBound) to \(settings.shares.upperBound), rate \(settings.rate), seed "
      + "\(settings.seed), texts \(texts.fingerprint)"
  }
}
