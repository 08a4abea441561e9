import Foundation

/// How far logits are from those of the reference.
enum Distance {
  /// The root mean square of the differences, as a share of the spread of the reference: of its
  /// deviations from each row's mean.
  static func relative(_ logits: [[Float]], to reference: [[Double]]) -> Double {
    var (square, spread) = (0.0, 0.0)
    for (row, expected) in zip(logits, reference) {
      let mean = expected.reduce(0, +) / Double(expected.count)
      for (x, y) in zip(row, expected) {
        square += (Double(x) - y) * (Double(x) - y)
        spread += (y - mean) * (y - mean)
      }
    }
    return (square / spread).squareRoot()
  }

  /// The Kullback-Leibler divergence of the softmax of `logits` from that of the reference, in nats.
  static func divergence(_ logits: [Double], from reference: [Double]) -> Double {
    let p = logProbabilities(reference)
    let q = logProbabilities(logits)
    return zip(p, q).reduce(0) { $0 + exp($1.0) * ($1.0 - $1.1) }
  }

  /// Natural logarithms of the softmax.
  static func logProbabilities(_ logits: [Double]) -> [Double] {
    let largest = logits.max() ?? 0
    let total = log(logits.reduce(0) { $0 + exp($1 - largest) })
    return logits.map { $0 - largest - total }
  }
}
