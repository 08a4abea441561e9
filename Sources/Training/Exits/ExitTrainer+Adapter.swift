package import GGUF
package import Transformer

extension ExitTrainer {
  /// The adapter as it stands: the file of docs/ADAPTERS.md.
  ///
  /// `head` is what the file says about itself; exits, scores and the short head are filled in here.
  /// `scores` and `gates` are in the order of the modules. Matrices are stored as `type`, F16, Q8_0 or
  /// F32, and as F16 where a row is no whole number of blocks.
  package func adapter(
    _ head: AdapterHead, scores: [ExitScore], gates: [ExitGate?], type: TensorType
  ) -> GGUFWriter {
    var head = head
    head.shortlist = shortlist
    head.exits = zip(settings.modules, scores).map { module, score in
      AdapterHead.Exit(
        depth: module.depth, kind: module.kind.name, agreement: score.agreement,
        divergence: score.divergence)
    }
    head.recipe.steps = step
    head.recipe.positions = step * settings.batchSize
    head.recipe.seed = settings.seed
    var writer = GGUFWriter()
    for (key, value) in head.metadata { writer.set(key, to: value) }
    for entry in parameters.entries {
      let values = parameters.values(of: entry).values
      writer.add(entry.name, rows: entry.rows, values, as: type)
    }
    for (module, gate) in zip(settings.modules, gates) {
      guard let gate else { continue }
      writer.add(module.name("gate.weight"), rows: 1, gate.weights, as: .f32)
      writer.add(module.name("gate.bias"), rows: 1, [gate.bias], as: .f32)
    }
    return writer
  }
}

extension GGUFWriter {
  /// Adds a vector as F32, or a matrix in the given type where its rows allow that.
  mutating func add(_ name: String, rows: Int, _ values: [Float], as type: TensorType) {
    let columns = values.count / rows
    let fitting = columns % type.blockSize == 0 ? type : .f16
    let type = rows == 1 ? TensorType.f32 : fitting
    guard let bytes = type.quantize(values) else { return }
    add(name: name, shape: rows == 1 ? [columns] : [columns, rows], type: type, bytes: bytes)
  }
}
