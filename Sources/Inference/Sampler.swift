package import Dials
package import Events
import Foundation
import Kernels

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

/// The highest of many values.
enum Candidates {
  /// A value with where it stands.
  struct Entry: Hashable, Sendable {
    var index: Int
    var value: Float
  }

  /// `e^(value - highest)`: the odds of a value against the highest one.
  static func weight(_ value: Float, highest: Float) -> Float { exp(value - highest) }

  /// The `limit` highest values in descending order, all of them when `limit` is 0; among equals the
  /// lower index first; what is no number is left out. `replacing` holds values that count instead
  /// of those in `values`.
  static func top(
    _ limit: Int, of values: UnsafeBufferPointer<Float>, replacing: [Int: Float] = [:],
    kernels: KernelSet = .best
  ) -> [Entry] {
    let count = limit <= 0 ? values.count : min(limit, values.count)
    var best: [Entry] = []
    best.reserveCapacity(count + 1)
    func precedes(_ a: Entry, _ b: Entry) -> Bool {
      a.value > b.value || (a.value == b.value && a.index < b.index)
    }
    if count == values.count {
      best = values.indices.map { Entry(index: $0, value: replacing[$0] ?? values[$0]) }
      best.removeAll { $0.value.isNaN }
      best.sort(by: precedes)
      return best
    }
    var bar = -Float.infinity
    func offer(_ entry: Entry) {
      if best.count == count && !precedes(entry, best[count - 1]) { return }
      let place = best.firstIndex { precedes(entry, $0) } ?? best.count
      best.insert(entry, at: place)
      if best.count > count { best.removeLast() }
      if best.count == count { bar = best[count - 1].value }
    }
    for (index, value) in replacing where !value.isNaN { offer(Entry(index: index, value: value)) }
    let untouched = replacing.isEmpty
    var index = kernels.nextIndex(in: values, from: 0, atLeast: bar)
    while index < values.count {
      if untouched || replacing[index] == nil {
        offer(Entry(index: index, value: values[index]))
      }
      index = kernels.nextIndex(in: values, from: index + 1, atLeast: bar)
    }
    return best
  }
}
