import Foundation
import Kernels

/// The probability that an exit agrees with full depth, from the stream before its module: a logistic
/// regression (CALM's classifier, Schuster et al. 2022, arXiv 2207.07061).
package struct ExitGate: Hashable, Sendable {
  /// One weight for each dimension of the module's input.
  package var weights: [Float]
  /// Added to their sum.
  package var bias: Float

  /// Fits a gate to `inputs`, [n, width], and whether the exit agreed with full depth for each.
  ///
  /// Full-batch Adam with L2 regularisation; it has the same bits on any number of threads.
  package static func fitted(
    to inputs: Matrix, labels: [Bool], blas: BLAS, rounds: Int = 300
  ) -> ExitGate {
    let arena = Arena()
    let (width, count) = (inputs.columns, inputs.rows)
    let weights = Matrix(1, width, in: arena)
    let gradients = Matrix(1, width, in: arena)
    let (first, second) = (Matrix(1, width + 1, in: arena), Matrix(1, width + 1, in: arena))
    let scores = Matrix(1, count, in: arena)
    let share = Double(labels.count { $0 }) / Double(max(1, count))
    let bounded = min(max(share, 1e-3), 1 - 1e-3)
    var bias = Float(log(bounded / (1 - bounded)))
    func adamStep(_ index: Int, gradient: Float, round: Int, value: inout Float) {
      first.base[index] = 0.9 * first.base[index] + 0.1 * gradient
      second.base[index] = 0.99 * second.base[index] + 0.01 * gradient * gradient
      let rate = 0.02 * (1 - 0.9 * Float(round) / Float(rounds))
      // Adam's bias corrections matter in the first rounds only and are left out.
      value -= rate * first.base[index] / (second.base[index].squareRoot() + 1e-8)
    }
    for round in 0..<rounds where count > 0 {
      blas.multiply(weights, byTransposed: inputs, into: scores)
      var biasGradient: Float = 0
      for i in 0..<count {
        let probability = SIMD8(repeating: scores.base[i] + bias).sigmoid[0]
        scores.base[i] = (probability - (labels[i] ? 1 : 0)) / Float(count)
        biasGradient += scores.base[i]
      }
      blas.multiply(scores, by: inputs, into: gradients)
      for i in 0..<width {
        adamStep(
          i, gradient: gradients.base[i] + 1e-4 * weights.base[i], round: round,
          value: &weights.base[i])
      }
      adamStep(width, gradient: biasGradient, round: round, value: &bias)
    }
    return withExtendedLifetime(arena) { ExitGate(weights: weights.values, bias: bias) }
  }

  /// The probability that the exit agrees, for one row [width].
  package func probability(_ input: UnsafePointer<Float>) -> Float {
    let sum = weights.withUnsafeBufferPointer { weights in
      weights.baseAddress.map { Sum.ofProducts($0, input, count: weights.count) } ?? 0
    }
    return SIMD8(repeating: sum + bias).sigmoid[0]
  }
}

extension ExitTrainer {
  /// Fits a gate for each exit that has an input norm, to the agreement of the modules as they stand on
  /// up to `limit` training positions; nil for the others.
  package func fitGates(limit: Int = 8192) -> [ExitGate?] {
    var generator = CounterGenerator(seed: settings.seed, .order, -1)
    let range = cache.trainingRange
    let positions =
      range.count <= limit
      ? Array(range) : (0..<limit).map { _ in Int.random(in: range, using: &generator) }
    let scores = evaluate(positions)
    return settings.modules.indices.map { exit in
      guard let norm = values(of: settings.modules[exit])?.inputNorm else { return nil }
      let arena = Arena()
      let inputs = Matrix(positions.count, head.width, in: arena)
      cache.readStreams(positions, exit: exit, into: inputs)
      for row in 0..<inputs.rows {
        for i in 0..<inputs.columns { inputs[row][i] *= norm.base[i] }
      }
      return withExtendedLifetime(arena) {
        ExitGate.fitted(to: inputs, labels: scores[exit].samples.map(\.agrees), blas: blas)
      }
    }
  }
}
