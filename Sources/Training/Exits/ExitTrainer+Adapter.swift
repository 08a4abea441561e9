package import GGUF
package import Transformer

extension ExitTrainer {
  /// The adapter as it stands: the file of docs/ADAPTERS.md.
  ///
  /// `head` is what the file says about itself; exits, scores and the frequent tokens
  /// are filled in here.
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
    for module in settings.modules {
      for (part, _, _) in module.parts(width: self.head.width) {
        guard let entry = parameters.entry(module.name(part)) else { continue }
        let values = parameters.values(of: entry)
        if part.isVector {
          writer.add(entry.name, vector: values.values)
        } else {
          writer.add(entry.name, matrix: values, as: type)
        }
      }
    }
    for (module, gate) in zip(settings.modules, gates) {
      guard let gate else { continue }
      writer.add(module.name(.gateWeight), vector: gate.weights)
      writer.add(module.name(.gateBias), vector: [gate.bias])
    }
    return writer
  }
}

extension GGUFWriter {
  /// Adds a vector as F32.
  mutating func add(_ name: String, vector values: [Float]) {
    guard let bytes = TensorType.f32.quantize(values) else { return }
    add(name: name, shape: [values.count], type: .f32, bytes: bytes)
  }

  /// Adds a matrix in the given type, or as F16 where a row is not a whole number of its blocks.
  mutating func add(_ name: String, matrix: Matrix, as type: TensorType) {
    let type = matrix.columns % type.blockSize == 0 ? type : .f16
    guard let bytes = type.quantize(matrix.values) else { return }
    add(name: name, shape: [matrix.columns, matrix.rows], type: type, bytes: bytes)
  }
}
