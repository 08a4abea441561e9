package import Dials
import Kernels
import Transformer

/// Chooses the tokens of answers to learn from: the most probable one at temperature 0, or else one that
/// is drawn from the top k.
package struct AnswerSampler: Sendable {
  /// 0 takes the most probable token.
  package var temperature: Float
  /// Tokens that may be drawn.
  package var topK = 40
  /// The seed of the draws.
  package var seed: UInt64

  /// A sampler with a top k of 40.
  package init(temperature: Float, seed: UInt64) {
    self.temperature = temperature
    self.seed = seed
  }

  /// The token at `position` of the answer to prompt `index`; the draw depends on these and the seed
  /// alone.
  package func token(
    _ logits: UnsafeMutableBufferPointer<Float>, _ index: Int, _ position: Position
  ) -> TokenID {
    let best = Candidates.top(temperature > 0 ? topK : 1, of: UnsafeBufferPointer(logits))
    guard let first = best.first else { return TokenID(0) }
    guard temperature > 0 else { return TokenID(first.index) }
    var generator = CounterGenerator(
      seed: seed &+ UInt64(index), .sampling, position.rawValue)
    let weights = best.map {
      SIMD8(repeating: ($0.value - first.value) / temperature).exponential[0]
    }
    var rest = generator.nextUniform() * weights.reduce(0, +)
    for (candidate, weight) in zip(best, weights) {
      rest -= weight
      if rest < 0 { return TokenID(candidate.index) }
    }
    return TokenID(first.index)
  }
}
