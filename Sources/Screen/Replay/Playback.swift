package import Events

/// Where a replay stands in its records, and how fast it goes on.
///
/// A value without a clock: who shows it says how much time has gone by.
package struct Playback: Hashable, Sendable {
  /// How fast records come.
  package enum Pace: Hashable, Sendable {
    /// So many times as fast as they were recorded.
    case times(Double)
    /// So many tokens a second, whatever the engine took.
    case tokens(Double)
  }

  /// The records, each with the pause before it.
  package let records: [Record]
  /// How many of them are shown.
  package private(set) var position = 0
  /// Whether it stands still.
  package var isPaused = false
  /// How fast it goes.
  package var pace: Pace

  private let pauses: [ReplayPace.Pause]
  /// Where it stops by itself; nil: at the end.
  private var stop: Int?
  /// What has been waited of the next pause.
  private var waited = Duration.zero

  /// How many records are shown behind each token of the text.
  private let tokenEnds: [Int]
  /// How many are shown where each answer begins, with the question before it.
  private let answerStarts: [Int]
  /// How many are shown behind each mark.
  package let markEnds: [Int]

  /// A playback of `records` that stands before the first.
  package init(_ records: [Record], pace: Pace = .times(1)) {
    self.records = records
    self.pace = pace
    pauses = ReplayPace.pauses(of: records)
    var (tokens, answers, marks): ([Int], [Int], [Int]) = ([], [], [])
    for (index, record) in records.enumerated() {
      switch record {
      case .token(let token) where token.phase == .gen: tokens.append(index + 1)
      case .turn(let turn) where turn.role == .assistant: answers.append(index + 1)
      case .mark: marks.append(index + 1)
      default: break
      }
    }
    (tokenEnds, answerStarts, markEnds) = (tokens, answers, marks)
  }

  /// Whether everything is shown.
  package var isAtEnd: Bool { position == records.count }

  /// Whether it stands still where it was to stop.
  package var isAtStop: Bool { position >= stop ?? records.count }

  // MARK: - Time

  /// Lets time go by; the records that are due.
  package mutating func pass(_ time: Duration) -> Range<Int> {
    let first = position
    guard !isPaused else { return first..<first }
    waited += time
    let limit = min(stop ?? records.count, records.count)
    while position < limit {
      let wait = pauses[position].wait(at: pace)
      guard waited >= wait else { break }
      waited -= wait
      position += 1
    }
    if position >= limit { waited = .zero }
    return first..<position
  }

  /// Plays until `count` records are shown and stops there.
  package mutating func play(to count: Int) {
    stop = count
    isPaused = false
  }

  /// Twice as fast, or half as fast.
  package mutating func change(isFaster: Bool) {
    func changed(_ value: Double, _ range: ClosedRange<Double>) -> Double {
      min(max(isFaster ? value * 2 : value / 2, range.lowerBound), range.upperBound)
    }
    pace =
      switch pace {
      case .times(let speed): .times(changed(speed, 1.0 / 64...64))
      case .tokens(let rate): .tokens(changed(rate, 0.25...1024))
      }
  }

  // MARK: - Places

  /// Goes to where `count` records are shown.
  package mutating func go(to count: Int) {
    position = min(max(0, count), records.count)
    waited = .zero
    if let stop, position > stop { self.stop = nil }
  }

  /// The place a token further on, or back; nil where there is none.
  package func step(isForward: Bool) -> Int? {
    isForward
      ? tokenEnds.first { $0 > position } ?? (isAtEnd ? nil : records.count)
      : tokenEnds.last { $0 < position } ?? (position > 0 ? 0 : nil)
  }

  /// The beginning of the next answer or the end; or of this answer, and from there of the one before.
  package func answer(isForward: Bool) -> Int? {
    isForward
      ? answerStarts.first { $0 > position } ?? (isAtEnd ? nil : records.count)
      : answerStarts.last { $0 < position } ?? (position > 0 ? 0 : nil)
  }

  /// The place behind the next mark, or the one before; nil where there is none.
  package func mark(isForward: Bool) -> Int? {
    isForward ? markEnds.first { $0 > position } : markEnds.last { $0 < position }
  }

  /// How far it is: of tokens, answers and marks, those that are shown and all.
  package var progress: [(name: String, shown: Int, all: Int)] {
    [("word", tokenEnds), ("answer", answerStarts), ("mark", markEnds)].map { name, ends in
      (name, ends.count { $0 <= position }, ends.count)
    }
  }
}

extension Playback.Pace: CustomStringConvertible {
  /// `x2`, `x1/4`, `5 words/s`.
  package var description: String {
    switch self {
    case .times(let speed) where speed < 1 && (1 / speed).rounded() == 1 / speed:
      "x1/\(Int(1 / speed))"
    case .times(let speed): "x\(Self.words(for: speed))"
    case .tokens(let rate): "\(Self.words(for: rate)) words/s"
    }
  }

  private static func words(for value: Double) -> String {
    value == value.rounded() && value < 1e6 ? "\(Int(value))" : "\(value)"
  }
}
