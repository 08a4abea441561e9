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
  private var plain = SampleMean()
  /// The rounds before the newest.
  private var rounds = Rounds()
  private var newest: Round?
  private var roundNumber: Int?

  private struct Round: Hashable {
    var microseconds: Double
    var tokenCount: Double
  }

  /// Sums over rounds, whole numbers all of them: m microseconds, n tokens each.
  private struct Rounds: Hashable {
    var count = 0.0
    var m = 0.0
    var n = 0.0
    var mm = 0.0
    var mn = 0.0
    var nn = 0.0

    mutating func add(_ round: Round) {
      let (m, n) = (round.microseconds, round.tokenCount)
      count += 1
      self.m += m
      self.n += n
      mm += m * m
      mn += m * n
      nn += n * n
    }
  }

  /// Takes in a token of the text.
  mutating func add(_ token: TokenRecord) {
    tokenCount += 1
    newestNs = token.tNs
    if tokenCount == 1 { firstNs = token.tNs }
    guard tokenCount > 1 else { return }
    besideMicroseconds += Double(token.time.beside ?? 0)
    if let time = token.time.plain { plain.add(Double(time)) }
    let time = Double(token.time.total)
    if let number = token.spec?.round, number == roundNumber, var round = newest {
      round.microseconds += time
      round.tokenCount += 1
      newest = round
    } else {
      if let newest { rounds.add(newest) }
      newest = Round(microseconds: time, tokenCount: 1)
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
    var sums = rounds
    if let newest { sums.add(newest) }
    guard sums.count > 1, sums.m > 0, sums.n > 0 else { return 0 }
    // The sum of (m - n r)², where r is the mean time of a token.
    let r = sums.m / sums.n
    let squares = max(0, sums.mm - 2 * r * sums.mn + r * r * sums.nn)
    return sums.count / (sums.count - 1) * squares / (sums.m * sums.m)
  }

  private static func squared(_ value: Double) -> Double { value * value }

  /// The 0.975 quantile of Student's t, to 0.005 from 4 degrees of freedom on.
  private static func quantile(_ freedom: Int) -> Double {
    let n = Double(max(1, freedom))
    return 1.96 + 2.372 / n + 2.84 / (n * n) + 2.6 / (n * n * n)
  }
}
