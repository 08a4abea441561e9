import Kernels

/// A cheap guess at whether an exit would be right, from the stream before its module: logistic
/// regression (CALM's classifier, Schuster et al. 2022, arXiv 2207.07061).
package struct ExitGate: Hashable, Sendable {
  /// One weight for each dimension of the module's input.
  package var weights: [Float]
  /// Added to their sum.
  package var bias: Float

  /// Fits a gate to `inputs`, [n, width], and whether the exit was right for each.
  ///
  /// Adam on all of them at once, with a little decay; the same on any number of threads.
  package static func fitted(
    to inputs: Matrix, labels: [Bool], blas: BLAS, rounds: Int = 300
  ) -> ExitGate {
    let arena = Arena()
    let (width, count) = (inputs.columns, inputs.rows)
    let weights = Matrix(1, width, in: arena)
    let slopes = Matrix(1, width, in: arena)
    let (first, second) = (Matrix(1, width + 1, in: arena), Matrix(1, width + 1, in: arena))
    let scores = Matrix(1, count, in: arena)
    let share = Double(labels.count { $0 }) / Double(max(1, count))
    let bounded = min(max(share, 1e-3), 1 - 1e-3)
    var bias = Float((bounded / (1 - bounded)).naturalLogarithm)
    func move(_ index: Int, slope: Float, round: Int, value: inout Float) {
      first.base[index] = 0.9 * first.base[index] + 0.1 * slope
      second.base[index] = 0.99 * second.base[index] + 0.01 * slope * slope
      let rate = 0.02 * (1 - 0.9 * Float(round) / Float(rounds))
      // The corrections of the first rounds are close enough to 1 after a few; left out on purpose.
      value -= rate * first.base[index] / (second.base[index].squareRoot() + 1e-8)
    }
    for round in 0..<rounds where count > 0 {
      blas.multiply(weights, byTransposed: inputs, into: scores)
      var biasSlope: Float = 0
      for i in 0..<count {
        let guess = SIMD8(repeating: scores.base[i] + bias).sigmoid[0]
        scores.base[i] = (guess - (labels[i] ? 1 : 0)) / Float(count)
        biasSlope += scores.base[i]
      }
      blas.multiply(scores, by: inputs, into: slopes)
      for i in 0..<width {
        move(
          i, slope: slopes.base[i] + 1e-4 * weights.base[i], round: round, value: &weights.base[i])
      }
      move(width, slope: biasSlope, round: round, value: &bias)
    }
    return withExtendedLifetime(arena) { ExitGate(weights: weights.values, bias: bias) }
  }

  /// The probability that the exit is right.
  package func probability(_ input: UnsafePointer<Float>) -> Float {
    let sum = weights.withUnsafeBufferPointer { weights in
      weights.baseAddress.map { Sum.ofProducts($0, input, count: weights.count) } ?? 0
    }
    return SIMD8(repeating: sum + bias).sigmoid[0]
  }
}

extension ExitTrainer {
  /// Fits a gate for each exit that has an input norm, on up to `limit` positions that the modules
  /// were trained on, by what the modules say now; nil for the others.
  package func fitGates(limit: Int = 8192) -> [ExitGate?] {
    var generator = CounterGenerator(seed: settings.seed, .order, -1)
    let range = cache.trainingRange
    let positions =
      range.count <= limit
      ? Array(range) : (0..<limit).map { _ in Int.random(in: range, using: &generator) }
    let scores = evaluate(positions)
    return settings.modules.indices.map { exit in
      guard let norm = tensors(of: settings.modules[exit])?.inputNorm else { return nil }
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

extension ExitTrainer {
  /// How well each gate tells right from wrong on held-out positions: the probability that it gives a
  /// position where the exit is right more than one where it is not (the area under the ROC curve).
  /// Nil where there is no gate, or nothing to tell apart.
  package func gateSeparations(_ gates: [ExitGate?], limit: Int = 2048) -> [Double?] {
    let positions = Array(cache.heldOutRange.prefix(limit))
    let scores = evaluate(positions)
    return gates.indices.map { exit in
      guard let gate = gates[exit], let norm = tensors(of: settings.modules[exit])?.inputNorm else {
        return nil
      }
      let arena = Arena()
      let inputs = Matrix(max(1, positions.count), head.width, in: arena)
      cache.readStreams(positions, exit: exit, into: inputs)
      var ranked: [(probability: Float, isRight: Bool)] = []
      for row in positions.indices {
        for i in 0..<inputs.columns { inputs[row][i] *= norm.base[i] }
        ranked.append((gate.probability(inputs[row]), scores[exit].samples[row].agrees))
      }
      ranked.sort { $0.probability < $1.probability }
      let right = ranked.count { $0.isRight }
      guard right > 0, right < ranked.count else { return nil }
      // The sum of the right ones' ranks (Mann and Whitney 1947).
      let ranks = ranked.indices.reduce(0) { $0 + (ranked[$1].isRight ? $1 + 1 : 0) }
      let wins = Double(ranks) - Double(right * (right + 1)) / 2
      return withExtendedLifetime(arena) { wins / Double(right * (ranked.count - right)) }
    }
  }
}
