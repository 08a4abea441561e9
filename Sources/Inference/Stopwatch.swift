import Events

/// Where the time of a round goes.
struct Stopwatch {
  /// A part of a round.
  enum Part: Int, CaseIterable {
    case blocks
    case head
    case probes
    case sample
    case fill
  }

  private let clock = ContinuousClock()
  private var nanoseconds = [Int](repeating: 0, count: Part.allCases.count)
  private let start: ContinuousClock.Instant

  init() { start = clock.now }

  /// Times `body` as `part`.
  mutating func time<Result>(_ part: Part, _ body: () -> Result) -> Result {
    let begin = clock.now
    let result = body()
    nanoseconds[part.rawValue] += (clock.now - begin).wholeNanoseconds
    return result
  }

  /// Nanoseconds since the round began.
  var elapsed: Int { (clock.now - start).wholeNanoseconds }

  /// The time of one of `count` tokens that share the round.
  func share(of count: Int) -> TokenRecord.Time {
    func microseconds(_ part: Part) -> Int { nanoseconds[part.rawValue] / count / 1000 }
    return TokenRecord.Time(
      total: (clock.now - start).wholeNanoseconds / count / 1000, blocks: microseconds(.blocks),
      head: microseconds(.head), probes: microseconds(.probes), sample: microseconds(.sample),
      fill: microseconds(.fill))
  }
}

extension Duration {
  /// The duration in nanoseconds.
  package var wholeNanoseconds: Int {
    Int(components.seconds) * 1_000_000_000 + Int(components.attoseconds / 1_000_000_000)
  }

  /// The duration in milliseconds.
  package var milliseconds: Double { Double(wholeNanoseconds) / 1e6 }
}
