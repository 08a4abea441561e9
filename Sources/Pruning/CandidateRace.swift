import Dials
import Reports

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
  mutating func drop(behind margin: Double) {
    guard let best = best.flatMap({ sums[$0] }) else { return }
    running.removeAll { (sums[$0] ?? .infinity) - best > margin }
  }

  /// Sequences that a candidate is judged on before errors decide.
  private static let leastSequences = 6

  /// Gives up candidates that are behind the best by more than `limit` standard errors of the
  /// difference, which is taken sequence by sequence: a race (Maron and Moore, "Hoeffding Races", 1994)
  /// with the normal distribution in place of the bound.
  mutating func drop(standardErrors limit: Double) {
    guard let best, let winner = losses[best], winner.count >= Self.leastSequences else { return }
    running.removeAll { candidate in
      guard candidate != best, let own = losses[candidate] else { return false }
      let differences = zip(own, winner).map { $0 - $1 }
      return differences.mean > limit * differences.standardError
    }
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
