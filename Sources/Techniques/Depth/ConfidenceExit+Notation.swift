package import Dials

/// How people write it: `top1 0.9` (at the usual points), `top1 0.9 at 10,20`, `top1 0.95/0.8 at 10,20`,
/// the same as `top1 10:0.95,20:0.8`; `margin` and `entropy` as `top1`. `… gate 0.3`, or `… gate 0.3/0.2`
/// by depth, asks the exit's gate first; at 0 none is asked. Every measure grows with certainty:
/// `entropy 0.3` leaves when 1 less the entropy in nats is above 0.3.
extension ConfidenceExit {
  /// Reads the notation; the points ascend.
  package init?(words: [String], usual: [Int]) {
    guard let measure = words.first.flatMap({ ConfidenceMeasure(rawValue: $0) }),
      let points = Self.points(words.dropFirst(), usual: usual)
    else { return nil }
    self.init(measure: measure, points: points.sorted { $0.depth < $1.depth })
  }

  /// Checks depths and thresholds.
  package func validate(blockCount: Int, typed: String) throws(DialError) {
    for depth in depths {
      try DialError.checkExit(depth: depth, blockCount: blockCount, typed: typed)
    }
    if points.isEmpty {
      throw DialError(
        .nothingLeft, typed: typed, problem: "there is no point at which a token could leave",
        remedy: blockCount > 1 ? "Name one, as in top1 0.9 at 1, or write off" : "Write off")
    }
    if Set(points.map(\.depth)).count < points.count {
      throw DialError(
        .notation, typed: typed, problem: "the same depth is named twice",
        remedy: "Name each depth once")
    }
    let range = measure.thresholds
    for point in points where !range.contains(point.threshold) {
      throw DialError(
        .threshold, typed: typed,
        problem: "\(point.threshold) is not a threshold for \(measure.rawValue)",
        remedy: "Write a number from \(range.lowerBound) to \(range.upperBound); 1 never leaves")
    }
    for case let gate? in points.map(\.gate) where !(0...1).contains(gate) {
      throw DialError(
        .threshold, typed: typed, problem: "\(gate) is not a threshold for a gate",
        remedy: "Write a number from 0 to 1; 0 asks no gate")
    }
  }

  /// `top1 0.9 at 10,20`, or `top1 10:0.95,20:0.8 gate 0.3`; without points, `off`.
  package var notation: String {
    points.isEmpty ? "off" : written(sign: " ", pairing: ":") { "\($0)" }
  }

  /// `top1>.80 at 10,20`, or `top1 10>.95,20>.80 gate .30`.
  package func label(number: (Float) -> String) -> String {
    points.isEmpty ? measure.rawValue : written(sign: ">", pairing: ">", number)
  }

  /// The points in words, one number where all are the same.
  private func written(
    sign: String, pairing: String, _ number: (Float) -> String
  ) -> String {
    let sorted = points.sorted { $0.depth < $1.depth }
    let gates = sorted.map { $0.gate ?? 0 }
    let shown = Set(gates).count == 1 ? gates.prefix(1) : gates[...]
    let suffix =
      gates.allSatisfy { $0 == 0 } ? "" : " gate " + shown.map(number).joined(separator: "/")
    if let threshold = sorted.first?.threshold, sorted.allSatisfy({ $0.threshold == threshold }) {
      let depths = sorted.map { "\($0.depth)" }.joined(separator: ",")
      return "\(measure.rawValue)\(sign)\(number(threshold)) at \(depths)\(suffix)"
    }
    let pairs = sorted.map { "\($0.depth)\(pairing)\(number($0.threshold))" }
    return "\(measure.rawValue) \(pairs.joined(separator: ","))\(suffix)"
  }

  /// Reads what follows the measure, gates included.
  private static func points(_ words: ArraySlice<String>, usual: [Int]) -> [ExitPoint]? {
    let clauses = words.split(separator: "gate", omittingEmptySubsequences: false)
    guard let first = clauses.first, clauses.count <= 2,
      let points = ungatedPoints(first, usual: usual)
    else { return nil }
    guard clauses.count == 2 else { return points }
    guard let gates = values(clauses[1], count: points.count) else { return nil }
    return zip(points, gates).map { point, gate in
      ExitPoint(depth: point.depth, threshold: point.threshold, gate: gate == 0 ? nil : gate)
    }
  }

  /// Reads `0.9`, `0.9 at 10,20`, `0.95/0.8 at 10,20` or `10:0.95,20:0.8`.
  private static func ungatedPoints(_ words: ArraySlice<String>, usual: [Int]) -> [ExitPoint]? {
    if words.joined().contains(":") { return list(words, pair) }
    let clauses = words.split(separator: "at", omittingEmptySubsequences: false)
    guard let first = clauses.first, clauses.count <= 2 else { return nil }
    let depths = clauses.count == 2 ? list(clauses[1]) { Int($0) } : usual
    guard let depths, let thresholds = values(first, count: depths.count) else { return nil }
    return zip(depths, thresholds).map { ExitPoint(depth: $0, threshold: $1) }
  }

  /// Reads one number for all of `count` points, or `0.9/0.8`: one for each.
  private static func values(_ words: ArraySlice<String>, count: Int) -> [Float]? {
    guard words.count == 1, let word = words.first else { return nil }
    let parts = word.split(separator: "/", omittingEmptySubsequences: false)
    let values = parts.compactMap { Float($0) }
    guard values.count == parts.count else { return nil }
    if values.count == 1 { return Array(repeating: values[0], count: count) }
    return values.count == count ? values : nil
  }

  /// Reads a list whose commas may have spaces around them; nil when a part is something else.
  private static func list<Value>(
    _ words: ArraySlice<String>, _ read: (Substring) -> Value?
  ) -> [Value]? {
    let parts = words.joined().split(separator: ",", omittingEmptySubsequences: false)
    let values = parts.compactMap(read)
    return values.count == parts.count ? values : nil
  }

  /// Reads `10:0.95`.
  private static func pair(_ text: Substring) -> ExitPoint? {
    let ends = text.split(separator: ":", omittingEmptySubsequences: false)
    guard ends.count == 2, let depth = Int(ends[0]), let threshold = Float(ends[1]) else {
      return nil
    }
    return ExitPoint(depth: depth, threshold: threshold)
  }
}
