import Dials

/// The losses of the candidates of one step, as the text is read.
struct CandidateRace {
  /// Candidates that may still be the best, first to last.
  private(set) var running: [BlockIndex]
  /// Per candidate, the summed loss of each sequence it was judged on.
  private(set) var losses: [BlockIndex: [Double]] = [:]
  /// Per candidate, the sum of these.
  private(set) var sums: [BlockIndex: Double] = [:]
  /// Sums of the model that the step begins with, and of the scored tokens, after each sequence.
  private var current: [Double] = []
  private var scored: [Int] = []

  init(candidates: [BlockIndex]) { running = candidates }

  /// Begins a sequence, whose loss for the model as it is now is `current`.
  mutating func begin(current loss: Double, scored count: Int) {
    current.append((current.last ?? 0) + loss)
    scored.append((scored.last ?? 0) + count)
  }

  /// Notes the loss of a candidate on the sequence.
  mutating func add(_ loss: Double, to candidate: BlockIndex) {
    losses[candidate, default: []].append(loss)
    sums[candidate, default: 0] += loss
  }

  /// Gives up candidates that are behind the best by more than `margin` nats.
  mutating func drop(margin: Double) {
    guard let best = running.compactMap({ sums[$0] }).min() else { return }
    running.removeAll { (sums[$0] ?? .infinity) - best > margin }
  }

  /// The candidate with the lowest loss; of equals, the first.
  var best: BlockIndex? {
    running.min { (sums[$0] ?? .infinity, $0) < (sums[$1] ?? .infinity, $1) }
  }

  /// What a token costs more in nats without each candidate than with it, over the sequences on which
  /// it was judged.
  var costs: [BlockIndex: Double] {
    losses.mapValues(\.count).reduce(into: [:]) { costs, entry in
      let last = entry.value - 1
      let difference = (sums[entry.key] ?? 0) - current[last]
      costs[entry.key] = difference / Double(scored[last])
    }
  }
}
