import Transformer

extension ExitShape {
  /// Gives its parameters the values at which it is the logit lens: the final norm's gains, and zero
  /// for the last factor of whatever is added to the stream.
  func initialize(_ parameters: Parameters, outputNorm: [Float], seed: UInt64) {
    var generator = CounterGenerator(seed: seed, .initialValues, depth)
    for shape in parts(width: outputNorm.count) {
      guard let entry = parameters.entry(name(shape.part)) else { continue }
      let values = parameters.values(of: entry)
      switch shape.part {
      case .outputNorm: values.base.update(from: outputNorm, count: values.count)
      case .inputNorm: values.base.update(repeating: 1, count: values.count)
      case .loraA, .ffnGate, .ffnUp:
        let deviation = 1 / Float(entry.columns).squareRoot()
        parameters.randomize(entry, deviation: deviation, using: &generator)
      default: values.clear()
      }
    }
  }
}
