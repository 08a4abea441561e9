package import Dials
package import Events
import Foundation
import Transformer

/// Draws a token from logits.
///
/// In llama.cpp's order: repeat penalty, top-k, top-p, min-p, temperature. Temperature 0 is greedy.
/// The draw uses the position's own random number.
package struct Sampler: Sendable {
  /// What is drawn, and with which number.
  package struct Choice: Hashable, Sendable {
    /// The token.
    package var token: TokenID
    /// The uniform number, if one was needed.
    package var uniform: Float?
  }

  /// How tokens are drawn.
  package let settings: SessionRecord.Sampler

  /// A sampler with these settings.
  package init(_ settings: SessionRecord.Sampler) { self.settings = settings }

  /// What is wrong with settings and what to do; nil when they make sense.
  package static func problem(with settings: SessionRecord.Sampler) -> String? {
    settings.fault.map { "\($0.parameter.rawValue) must be \($0.demand)." }
  }

  /// Whether the most probable token is always taken from unchanged logits.
  package var isPlainGreedy: Bool { settings.temperature <= 0 && settings.repeatPenalty == 1 }

  /// The token at `position`, which follows `history`.
  package func choose(
    from logits: UnsafeMutableBufferPointer<Float>, at position: Position,
    after history: some BidirectionalCollection<TokenID>
  ) -> Choice {
    var penalized: [Int: Float] = [:]
    if settings.repeatPenalty != 1 {
      for token in Set(history.suffix(settings.repeatLastN)) where token.index < logits.count {
        let logit = logits[token.index]
        penalized[token.index] =
          logit > 0 ? logit / settings.repeatPenalty : logit * settings.repeatPenalty
      }
    }
    let limit = settings.temperature <= 0 ? 1 : settings.topK
    let candidates = Candidates.top(limit, of: UnsafeBufferPointer(logits), replacing: penalized)
    guard !candidates.isEmpty, settings.temperature > 0 else {
      return Choice(token: TokenID(candidates.first?.index ?? 0), uniform: nil)
    }
    let uniform = CounterRandom.uniform(seed: settings.seed, position: position.rawValue)
    return Choice(token: TokenID(draw(from: candidates, uniform)), uniform: uniform)
  }

  /// Cuts the sorted candidates by top-p and min-p, and draws at the temperature.
  private func draw(from candidates: [Candidates.Entry], _ uniform: Float) -> Int {
    let largest = candidates[0].value
    let weights = candidates.map { exp(Double($0.value - largest)) }
    let total = weights.reduce(0, +)
    var kept = 0
    var mass = 0.0
    while kept < weights.count {
      if weights[kept] < Double(settings.minP) && kept > 0 { break }
      mass += weights[kept] / total
      kept += 1
      if mass >= Double(settings.topP) { break }
    }
    let tempered = candidates[..<kept].map {
      exp(Double($0.value - largest) / Double(settings.temperature))
    }
    var left = Double(uniform) * tempered.reduce(0, +)
    for (index, weight) in tempered.enumerated() {
      left -= weight
      if left < 0 { return candidates[index].index }
    }
    return candidates[kept - 1].index
  }
}
