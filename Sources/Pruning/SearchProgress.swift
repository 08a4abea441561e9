package import Dials

/// Where a search stands.
package struct SearchProgress: Sendable {
  /// The method.
  package let method: PruningMethod
  /// Blocks that will be gone in the end.
  package let count: Int
  /// Blocks gone so far.
  package private(set) var steps: [PruningStep]
  /// In the running step, the cost of each candidate as far as it is known, in nats a token.
  package private(set) var costs: [BlockIndex: Double] = [:]
  /// The candidate that was judged last.
  package private(set) var candidate: BlockIndex?
  /// Sequences done in the running step.
  package internal(set) var sequence = 0

  private let sequenceCount: Int
  private let firstCount: Int
  /// Candidates judged in the running sequence, and how many there are to judge.
  private var judged = 0
  private var running = 0

  init(method: PruningMethod, count: Int, steps: [PruningStep], sample: CalibrationSample) {
    self.method = method
    self.count = count
    self.steps = steps
    firstCount = steps.count
    sequenceCount = sample.sequences.count
  }

  /// The share of the work that is done, 0...1; steps count alike.
  package var fraction: Double {
    let within = running > 0 ? min(1, Double(judged) / Double(running)) : 0
    let step = min(1, (Double(sequence) + within) / Double(max(1, sequenceCount)))
    let done = Double(steps.count - firstCount) + step
    return count > firstCount ? min(1, done / Double(count - firstCount)) : 1
  }

  mutating func begin(steps: [PruningStep]) {
    self.steps = steps
    (costs, candidate, sequence, judged, running) = ([:], nil, 0, 0, 0)
  }

  mutating func note(_ candidate: BlockIndex, costs: [BlockIndex: Double]) {
    self.candidate = candidate
    self.costs = costs
    judged += 1
    running = max(running, judged)
  }

  mutating func endSequence(running count: Int) {
    sequence += 1
    judged = 0
    running = count
  }
}
