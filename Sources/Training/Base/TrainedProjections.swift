import Kernels
import Transformer

/// The trained form of the base's projections: the projections themselves, or a LoRA delta of each.
struct TrainedProjections {
  /// The values and their gradients.
  let parameters: Parameters
  /// α / rank.
  let factor: Float

  /// No projection is trained.
  static var none: TrainedProjections { TrainedProjections(parameters: Parameters([]), factor: 1) }

  private init(parameters: Parameters, factor: Float) {
    self.parameters = parameters
    self.factor = factor
  }

  /// The trained tensors of `base` at their first values: its own projections, or deltas of zero.
  init(of base: BaseModel, _ settings: LiteTraining) {
    factor = AdapterFormat.loraFactor(alpha: settings.alpha, rank: settings.rank)
    let projections = base.projections
    if settings.isFull {
      parameters = Parameters(
        projections.map { ($0.name, $0.matrix.rows, $0.matrix.columns) },
        accumulatorCount: settings.accumulatorCount)
      for (entry, projection) in zip(parameters.entries, projections) {
        parameters.values(of: entry).copy(projection.matrix)
      }
      return
    }
    parameters = Parameters(
      projections.flatMap { name, matrix in
        [
          (AdapterFormat.loraA(of: name), settings.rank, matrix.columns),
          (AdapterFormat.loraB(of: name), matrix.rows, settings.rank),
        ]
      }, accumulatorCount: settings.accumulatorCount)
    // A is random and B is zero; the two take turns.
    for index in stride(from: 0, to: parameters.entries.count, by: 2) {
      let entry = parameters.entries[index]
      var generator = CounterGenerator(seed: settings.seed, .initialValues, index)
      parameters.randomize(
        entry, deviation: 1 / Float(entry.columns).squareRoot(), using: &generator)
    }
  }

  /// The tensors of one projection, values or gradients; nil for what is not trained.
  private func tensors(
    _ name: String, _ view: (Parameters.Entry) -> Matrix
  ) -> (weight: Matrix?, a: Matrix?, b: Matrix?) {
    func find(_ name: String) -> Matrix? { parameters.entry(name).map(view) }
    return (find(name), find(AdapterFormat.loraA(of: name)), find(AdapterFormat.loraB(of: name)))
  }

  /// A projection of block `block` as it stands.
  func projection(
    _ part: BlockPart, ofBlock block: Int, of base: BaseModel
  ) -> LoRAProjection? {
    let values = tensors(part.name(block), parameters.values(of:))
    guard let w = values.weight ?? base.blocks[block].matrices[part] else { return nil }
    return LoRAProjection(w, a: values.a, b: values.b, factor: factor)
  }

  /// The gradients of that projection's tensors in an accumulator.
  func gradients(
    _ part: BlockPart, ofBlock block: Int, accumulator: Int
  ) -> (weight: Matrix?, a: Matrix?, b: Matrix?) {
    tensors(part.name(block)) { parameters.gradient(of: $0, accumulator: accumulator) }
  }
}
