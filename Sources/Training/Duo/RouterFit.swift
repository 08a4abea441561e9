import Foundation
package import Kernels

/// Routers in closed form: per block, ridge regression of the logarithm of the damage on the stream.
package struct RouterFit: Sendable {
  /// The routers, block by block.
  package let routers: [Router]
  /// The ridge that did best on labels that were kept out: the diagonal is multiplied by one more.
  package let ridge: Double
  /// On these labels, the share of the targets' variance within blocks that is explained, and that of all
  /// blocks together.
  package let explained: (within: Double, pooled: Double)

  /// Ridges that are tried.
  private static let ridges = [0.01, 0.03, 0.1, 0.3, 1, 3]
  /// Each fifth label is kept out to choose the ridge.
  private static let fold = 5

  /// Fits routers to `labels`, which must not be empty.
  package init(_ labels: DamageLabels, pool: ThreadPool) throws(TrainingError) {
    guard labels.count >= 2 * Self.fold else {
      throw TrainingError(
        .emptyData, at: "--labels",
        "\(labels.count) labels are too few to fit routers to. Give more texts or a greater --labels."
      )
    }
    let blas = try BLAS.shared()
    let all = Array(0..<labels.count)
    let kept = all.filter { $0 % Self.fold == 0 }
    let trials = pool.map(labels.inputs.count) { block -> [Double] in
      let system = RouterSystem(labels, block, rows: all.filter { $0 % Self.fold != 0 }, blas: blas)
      return Self.ridges.map { system.router(ridge: $0).error(on: labels, block, rows: kept) }
    }
    let errors = Self.ridges.indices.map { ridge in trials.reduce(0) { $0 + $1[ridge] } }
    let best = errors.indices.min { errors[$0] < errors[$1] } ?? 0
    ridge = Self.ridges[best]
    let targets = labels.targets.map { target in kept.map { target[$0] } }
    let within = targets.reduce(0) { $0 + $1.variance * Double(kept.count) }
    let pooled = targets.flatMap { $0 }.variance * Double(kept.count * targets.count)
    explained = (1 - errors[best] / max(within, 1e-30), 1 - errors[best] / max(pooled, 1e-30))
    let ridge = ridge
    routers = pool.map(labels.inputs.count) { block in
      RouterSystem(labels, block, rows: all, blas: blas).router(ridge: ridge)
    }
  }
}

/// The normal equations of one block's router. The mean is taken out first, so that it is not shrunk.
private struct RouterSystem {
  private let means: [Double]
  private let target: Double
  private let covariance: DoubleMatrix
  private let cross: DoubleMatrix

  init(_ labels: DamageLabels, _ block: Int, rows: [Int], blas: BLAS) {
    let width = labels.inputs[block].columns
    let arena = Arena()
    let (x, y) = (Matrix(rows.count, width, in: arena), Matrix(rows.count, 1, in: arena))
    x.gather(labels.inputs[block], rows)
    var means = Array(repeating: 0.0, count: width)
    for row in 0..<x.rows { for i in 0..<width { means[i] += Double(x[row][i]) } }
    for i in 0..<width { means[i] /= Double(max(1, rows.count)) }
    let target = rows.reduce(0) { $0 + labels.targets[block][$1] } / Double(max(1, rows.count))
    for (row, label) in rows.enumerated() {
      for i in 0..<width { x[row][i] -= Float(means[i]) }
      y[row][0] = Float(labels.targets[block][label] - target)
    }
    let (square, product) = (Matrix(width, width, in: arena), Matrix(width, 1, in: arena))
    blas.multiply(transposed: x, by: x, into: square)
    blas.multiply(transposed: x, by: y, into: product)
    var (covariance, cross) = (DoubleMatrix(width, width), DoubleMatrix(width, 1))
    covariance.add(square)
    cross.add(product)
    withExtendedLifetime(arena) {}
    (self.means, self.target, self.covariance, self.cross) = (means, target, covariance, cross)
  }

  func router(ridge: Double) -> Router {
    let weights = SymmetricSystem(covariance, ridge: ridge).solve(cross).values
    let bias = target - zip(weights, means).reduce(0) { $0 + $1.0 * $1.1 }
    return Router(weights: weights.map { Float($0) }, bias: Float(bias))
  }
}

extension Router {
  /// What it says of a stream.
  func score(_ x: UnsafePointer<Float>) -> Float {
    Sum.ofProducts(weights, x, count: weights.count) + bias
  }

  /// The sum of its squared errors on some labels.
  fileprivate func error(on labels: DamageLabels, _ block: Int, rows: [Int]) -> Double {
    rows.reduce(0) { sum, row in
      let distance = Double(score(labels.inputs[block][row])) - labels.targets[block][row]
      return sum + distance * distance
    }
  }
}

extension [Double] {
  /// The mean squared distance from the mean.
  fileprivate var variance: Double {
    let mean = reduce(0, +) / Double(Swift.max(1, count))
    return reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(Swift.max(1, count))
  }
}

extension Double {
  /// The natural logarithm.
  var logarithm: Double { log(self) }
  /// e to this power.
  var power: Double { exp(self) }
}
