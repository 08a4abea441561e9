import Foundation
import Reports

/// Errors of some answers: how many tokens each has, and how many of them are wrong.
package struct ErrorCounts: Hashable, Sendable {
  /// Tokens of each answer, at least one.
  package var counts: [Int]
  /// Of these, wrong ones.
  package var misses: [Int]

  /// Errors of answers.
  package init(counts: [Int], misses: [Int]) {
    self.counts = counts
    self.misses = misses
  }

  /// Tokens of all answers.
  package var count: Int { counts.reduce(0, +) }
  /// Wrong tokens of all answers.
  package var missCount: Int { misses.reduce(0, +) }
  /// The share of wrong tokens.
  package var risk: Double { Double(missCount) / Double(max(1, count)) }
}

/// A test of the hypothesis that the risk is above a limit: a p-value for Learn then Test (Angelopoulos et
/// al., arXiv 2110.01052), which Schuster et al. use for early exits (CALM, arXiv 2207.07061).
package enum RiskTest: Hashable, Sendable {
  /// The exact binomial tail over tokens, whose number is divided by a design effect: how much more
  /// the errors of whole answers vary than those of as many independent tokens would. With an effect
  /// of 1 it is valid for independent tokens; with the effect of the answers it is so to the extent
  /// that the effect is known.
  case tokens(effect: Double)
  /// A bet against the hypothesis, answer by answer (Waudby-Smith and Ramdas, arXiv 2010.09686): valid
  /// for independent answers, whatever goes on inside one. The risk is the mean, over answers, of the
  /// share of wrong tokens.
  case answers

  /// The probability of errors as few as these, or what bounds it, if the risk were `limit`.
  package func p(_ errors: ErrorCounts, limit: Double) -> Double {
    switch self {
    case .tokens(let effect):
      Binomial.atMost(
        Int((Double(errors.missCount) / effect).rounded(.up)),
        of: Int((Double(errors.count) / effect).rounded(.down)), p: limit)
    case .answers: Self.betting(errors, limit: limit)
    }
  }

  /// The smallest limit that these errors are below with `confidence`, to five decimals; 1 if none is.
  package func upperBound(_ errors: ErrorCounts, confidence: Double) -> Double {
    Bisection.turn(steps: 17) { p(errors, limit: $0) <= 1 - confidence }.upperBound
  }

  /// The inverse of the highest wealth of who bets a share of it on every answer being better than
  /// the limit; the share comes from the answers before.
  private static func betting(_ errors: ErrorCounts, limit: Double) -> Double {
    guard limit > 0, limit < 1 else { return limit >= 1 ? 0 : 1 }
    let boldest = 0.95 / (1 - limit)
    var (wealth, highest) = (0.0, 0.0)
    // One imagined answer at the limit, with a spread of a quarter, keeps the first bets small.
    var (sum, squares, count) = (0.0, 0.0625, 1.0)
    for (tokens, misses) in zip(errors.counts, errors.misses) {
      let gain = limit - Double(misses) / Double(max(1, tokens))
      let mean = sum / count
      let stake = min(max(0, mean / (squares / count)), boldest)
      wealth += log1p(stake * gain)
      highest = max(highest, wealth)
      sum += gain
      squares += gain * gain
      count += 1
    }
    return exp(-highest)
  }

  /// How much more the errors of answers vary than those of as many independent tokens would, on average
  /// over several settings (the design effect of Kish, "Survey Sampling", 1965, for a ratio); at
  /// least 1.
  package static func designEffect(_ settings: [ErrorCounts]) -> Double {
    var (clustered, independent) = (0.0, 0.0)
    for errors in settings {
      let (risk, groups) = (errors.risk, Double(errors.counts.count))
      guard groups > 1, risk > 0, risk < 1 else { continue }
      let squares = zip(errors.counts, errors.misses).reduce(0.0) { sum, answer in
        let excess = Double(answer.1) - risk * Double(answer.0)
        return sum + excess * excess
      }
      clustered += squares * groups / (groups - 1)
      independent += risk * (1 - risk) * Double(errors.count)
    }
    return independent > 0 ? max(1, clustered / independent) : 1
  }
}
