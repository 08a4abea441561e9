import Kernels
import Transformer

/// How a draft head does on positions that it was not trained on.
package struct DraftScore: Hashable, Sendable {
  /// Positions.
  package var count = 0
  /// By guess: where it was made and all before it were right, and where it was right as well.
  package var trials: [Int]
  /// See `trials`.
  package var hits: [Int]
  /// By bin of probability (`bounds`): guesses at a place that was reached, and those that came true.
  package var binTrials: [Int]
  /// See `binTrials`.
  package var binHits: [Int]

  /// The least probability of each bin but the first.
  package static let bounds: [Float] = [
    0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98,
  ]
  /// Guesses of a place that are looked at.
  static let candidateCount = 3

  init(guesses: Int) {
    trials = Array(repeating: 0, count: guesses)
    hits = trials
    binTrials = Array(repeating: 0, count: Self.bounds.count + 1)
    binHits = binTrials
  }

  /// By guess, how often it was right where all before it were.
  package var rates: [Double] {
    zip(hits, trials).map { $1 == 0 ? 0 : Double($0) / Double($1) }
  }

  /// Guesses that come true, of a whole chain.
  package var expected: Double { count == 0 ? 0 : Double(hits.reduce(0, +)) / Double(count) }

  /// By bin, how often a guess of such a probability comes true. A bin with little to go by leans on what the
  /// probability says itself.
  package var chances: [Double] {
    binTrials.indices.map { bin in
      let low = bin == 0 ? 0 : Self.bounds[bin - 1]
      let high = bin == Self.bounds.count ? 1 : Self.bounds[bin]
      let start = Double(low + high) / 2
      return (Double(binHits[bin]) + 20 * start) / Double(binTrials[bin] + 20)
    }
  }

  mutating func add(_ other: DraftScore) {
    count += other.count
    func sum(_ a: [Int], _ b: [Int]) -> [Int] { zip(a, b).map { $0 + $1 } }
    trials = sum(trials, other.trials)
    hits = sum(hits, other.hits)
    binTrials = sum(binTrials, other.binTrials)
    binHits = sum(binHits, other.binHits)
  }
}

extension DraftTrainer {
  /// The score on up to `limit` held-out positions, spread evenly.
  package func evaluate(limit: Int = 16384) -> DraftScore {
    let all = positions.anchors(in: cache.heldOutRange)
    let apart = max(1, all.count / max(1, limit))
    let chosen = stride(from: 0, to: all.count, by: apart).map { Int(all[$0]) }
    let size = settings.shardRows
    let parts = stride(from: 0, to: chosen.count, by: size).map {
      Array(chosen[$0..<min($0 + size, chosen.count)])
    }
    var score = DraftScore(guesses: settings.guesses)
    guard let pass else { return score }
    // One thread: it is a matter of seconds.
    for part in parts {
      score.add(self.score(DraftChain(self, anchors: part, pass, workspaces[0]), count: part.count))
    }
    return score
  }

  private func score(_ chain: DraftChain, count: Int) -> DraftScore {
    var score = DraftScore(guesses: settings.guesses)
    score.count = count
    var isAlive = [Bool](repeating: true, count: count)
    for guess in chain.guesses.indices {
      chain.forward(guess)
      let logits = chain.guesses[guess].logits
      let teacher = cache.teacherTopK(chain.targets(of: guess))
      for row in 0..<logits.rows where isAlive[row] {
        let said = targets.column(of: teacher.ids[row * cache.description.topK])
        let best = best(logits[row])
        score.trials[guess] += 1
        isAlive[row] = best.first?.column == Int(said) && said != targets.others
        if isAlive[row] { score.hits[guess] += 1 }
        for candidate in best where candidate.probability >= 0.03 {
          let bin = DraftScore.bounds.count { candidate.probability >= $0 }
          score.binTrials[bin] += 1
          if candidate.column == Int(said), said != targets.others { score.binHits[bin] += 1 }
        }
      }
    }
    return score
  }

  /// The likeliest tokens of a row of logits, without that which stands for all others.
  private func best(
    _ logits: UnsafeMutablePointer<Float>
  ) -> [(column: Int, probability: Float)] {
    let count = shape.tokenCount
    let row = UnsafeBufferPointer(start: logits, count: count)
    let best = Candidates.top(DraftScore.candidateCount, of: row)
    let largest = Sum.largest(logits, count: count + 1)
    let sum = Sum.ofExponentials(logits, count: count + 1, largest: largest, into: logits)
    return best.map { entry in
      (entry.index, SIMD8(repeating: entry.value - largest).exponential[0] / sum)
    }
  }
}
