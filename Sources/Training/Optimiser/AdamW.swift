package import Kernels

/// Adam with decoupled weight decay (Loshchilov and Hutter 2019, arXiv 1711.05101) on gradients that
/// are clipped to a greatest norm.
package struct AdamW: Hashable, Sendable {
  /// β₁: the decay of the running mean of the gradients.
  package var firstDecay: Float = 0.9
  /// β₂: the decay of the running mean of their squares.
  package var secondDecay: Float = 0.99
  /// ε: added to the root of the second moment.
  package var epsilon: Float = 1e-8
  /// λ: a step at rate r shrinks matrices by r · λ; vectors do not decay.
  package var weightDecay: Float = 0.01
  /// The greatest norm of the whole gradient.
  package var clip: Float = 1

  /// The usual settings.
  package init() {}

  /// Sums the gradient accumulators, takes step `step` (1 for the first) at `rate`, and clears the
  /// accumulators. Returns the gradient's norm before clipping; a norm that is not finite changes no
  /// value.
  package func update(
    _ parameters: Parameters, step: Int, rate: Float, pool: ThreadPool
  ) -> Double {
    let work = Update(parameters, settings: self, step: step, rate: rate)
    pool.run(work)
    return work.norm
  }

  /// Numbers in a piece of work; squares are summed piece by piece, so their order is fixed.
  static let pieceSize = 1 << 15
}

/// One update, shared out in pieces.
private final class Update: PoolTask {
  private let parameters: Parameters
  private let settings: AdamW
  private let rate: Float
  private let firstCorrection: Float
  private let secondCorrection: Float
  private let pieceCount: Int
  private let squares: Matrix
  private let decays: [Bool]
  private let memory: [AlignedBytes]

  init(_ parameters: Parameters, settings: AdamW, step: Int, rate: Float) {
    self.parameters = parameters
    self.settings = settings
    self.rate = rate
    firstCorrection = 1 - settings.firstDecay.raised(to: step)
    secondCorrection = 1 - settings.secondDecay.raised(to: step)
    pieceCount = (parameters.count + AdamW.pieceSize - 1) / AdamW.pieceSize
    let arena = Arena()
    squares = Matrix(1, max(1, pieceCount), in: arena)
    memory = arena.pieces
    decays = parameters.entries.map { $0.rows > 1 }
  }

  /// The norm of the whole gradient.
  var norm: Double {
    (0..<pieceCount).reduce(0.0) { $0 + Double(squares.base[$1]) }.squareRoot()
  }

  func run(as worker: inout PoolWorker, of pool: ThreadPool) {
    pool.share(pieceCount, chunk: 1, by: &worker) { pieces in
      for piece in pieces { sumAccumulators(piece) }
    }
    let norm = Float(norm)
    let isSound = norm.isFinite
    let factor = norm > settings.clip ? settings.clip / norm : 1
    pool.share(parameters.entries.count, chunk: 1, by: &worker) { part in
      for index in part {
        let entry = parameters.entries[index]
        if isSound {
          step(entry, decays: decays[index], factor: factor)
        } else {
          (parameters.accumulators[0].base + entry.offset).update(repeating: 0, count: entry.count)
        }
      }
    }
  }

  /// Adds the other accumulators to the first within a piece, and sums the piece's squares.
  private func sumAccumulators(_ piece: Int) {
    let start = piece * AdamW.pieceSize
    let count = min(AdamW.pieceSize, parameters.count - start)
    let sum = parameters.accumulators[0].base + start
    for accumulator in parameters.accumulators.dropFirst() {
      let other = accumulator.base + start
      for i in 0..<count { sum[i] += other[i] }
      other.update(repeating: 0, count: count)
    }
    squares.base[piece] = Sum.ofProducts(sum, sum, count: count)
  }

  private func step(_ entry: Parameters.Entry, decays: Bool, factor: Float) {
    let gradients = parameters.accumulators[0].base + entry.offset
    let values = parameters.values.base + entry.offset
    let first = parameters.firstMoments.base + entry.offset
    let second = parameters.secondMoments.base + entry.offset
    let (b1, b2) = (settings.firstDecay, settings.secondDecay)
    let shrink = decays ? 1 - rate * settings.weightDecay : 1
    let (epsilon, rate) = (settings.epsilon, rate)
    let (c1, c2) = (1 / firstCorrection, 1 / secondCorrection)
    for i in 0..<entry.count {
      let gradient = gradients[i] * factor
      let mean = b1 * first[i] + (1 - b1) * gradient
      let square = b2 * second[i] + (1 - b2) * gradient * gradient
      first[i] = mean
      second[i] = square
      values[i] = values[i] * shrink - rate * (mean * c1) / ((square * c2).squareRoot() + epsilon)
      gradients[i] = 0
    }
  }
}

extension Float {
  /// This number to a whole power, by repeated multiplication in double precision.
  func raised(to power: Int) -> Float {
    var (result, base, rest) = (1.0, Double(self), power)
    while rest > 0 {
      if rest & 1 == 1 { result *= base }
      base *= base
      rest >>= 1
    }
    return Float(result)
  }
}
