import Events
import Foundation
import Reports

/// How fast an answer came, and against plain passes: a fold over its tokens.
///
/// The first token comes out of the prompt's own pass; the clock runs from it to the newest record, without
/// plain passes that were made beside the text.
package struct PaceTally: Hashable, Sendable {
  /// Plain passes below which nothing is said of the pace.
  package static let leastPassCount = 5

  private var tokenCount = 0
  private var firstNs = 0
  private var newestNs = 0
  /// Microseconds of plain passes made beside the text.
  package private(set) var besideMicroseconds = 0.0
  /// Microseconds of plain passes.
  private var plain: [Double] = []
  /// Microseconds and tokens of each round.
  private var rounds: [Round] = []
  private var roundNumber: Int?

  private struct Round: Hashable {
    var microseconds: Double
    var tokenCount: Double
  }

  /// Takes in a token of the text.
  mutating func add(_ token: TokenRecord) {
    tokenCount += 1
    newestNs = token.tNs
    if tokenCount == 1 { firstNs = token.tNs }
    guard tokenCount > 1 else { return }
    besideMicroseconds += Double(token.time.beside ?? 0)
    if let time = token.time.plain { plain.append(Double(time)) }
    if let number = token.spec?.round, number == roundNumber, !rounds.isEmpty {
      rounds[rounds.count - 1].microseconds += Double(token.time.total)
      rounds[rounds.count - 1].tokenCount += 1
    } else {
      rounds.append(Round(microseconds: Double(token.time.total), tokenCount: 1))
      roundNumber = token.spec?.round
    }
  }

  /// Takes in the end, when what waited is done too.
  mutating func add(_ end: EndRecord) { newestNs = end.tNs }

  /// Plain passes that were measured.
  package var plainCount: Int { plain.count }

  private var seconds: Double {
    Double(newestNs.subtractingReportingOverflow(firstNs).partialValue) / 1e9
      - besideMicroseconds / 1e6
  }

  /// Tokens behind the first, over the time since it; nil before the second.
  package var tokensPerSecond: Double? {
    tokenCount > 1 && seconds > 0 ? Double(tokenCount - 1) / seconds : nil
  }

  /// How many times as fast as plain passes, with its 95 % interval.
  package struct Ratio: Hashable, Sendable {
    /// Plain passes for the same number of tokens, over the time that they took.
    package var value: Double
    /// The lower end.
    package var lower: Double
    /// The upper end.
    package var upper: Double
  }

  /// The pace; nil where too few plain passes were measured.
  ///
  /// The interval is that of a ratio of two means whose errors are those of the plain passes and of the
  /// rounds (the delta method, on a logarithmic scale, with Student's t of the plain passes).
  package var ratio: Ratio? {
    guard plain.count >= Self.leastPassCount, let rate = tokensPerSecond else { return nil }
    let value = plain.mean / 1e6 * rate
    let spread = (Self.squared(plain.standardError / plain.mean) + roundVariance).squareRoot()
    let factor = exp(Self.quantile(plain.count - 1) * spread)
    return Ratio(value: value, lower: value / factor, upper: value * factor)
  }

  /// The relative variance of the time of all rounds: by how much rounds differ from what their number of
  /// tokens would have them take.
  private var roundVariance: Double {
    let total = rounds.reduce(0) { $0 + $1.microseconds }
    let tokens = rounds.reduce(0) { $0 + $1.tokenCount }
    guard rounds.count > 1, total > 0, tokens > 0 else { return 0 }
    let squares = rounds.reduce(0) {
      $0 + Self.squared($1.microseconds - $1.tokenCount * total / tokens)
    }
    let count = Double(rounds.count)
    return count / (count - 1) * squares / (total * total)
  }

  private static func squared(_ value: Double) -> Double { value * value }

  /// The 0.975 quantile of Student's t, to 0.005 from 4 degrees of freedom on.
  private static func quantile(_ freedom: Int) -> Double {
    let n = Double(max(1, freedom))
    return 1.96 + 2.372 / n + 2.84 / (n * n) + 2.6 / (n * n * n)
  }
}
