extension ExitSetting {
  /// The notation in one line, for help texts and remedies.
  public static let notation =
    "off, fixed 20, top1 0.9, margin 0.5 at 20, entropy 0.3 at 15,25, top1 10:0.95,20:0.8 or "
    + "top1 0.95/0.8 at 10,20 gate 0.3"

  /// Reads the notation of the flags and slash commands, for a model of `blockCount` blocks.
  ///
  /// `off` · `fixed 20` (blocks executed) · `top1 0.9` (at the usual points) · `top1 0.9 at 10,20` ·
  /// `top1 0.95/0.8 at 10,20`, the same as `top1 10:0.95,20:0.8`; `margin` and `entropy` as `top1`.
  /// `… gate 0.3`, or `… gate 0.3/0.2` by depth, asks the exit's gate first; at 0 none is asked. Every
  /// measure grows with certainty: `entropy 0.3` leaves when 1 less the entropy in nats is above 0.3.
  /// What comes back is valid for the model and its points ascend. The usual points are `exits`, where
  /// an adapter was trained to speak, if there are any.
  public static func parse(
    _ text: String, blockCount: Int, exits: [Int] = []
  ) throws(DialError) -> ExitSetting {
    let usual = exits.isEmpty ? usualDepths(blockCount: blockCount) : exits
    let words = text.lowercased().split(whereSeparator: \.isWhitespace).map(String.init)
    let setting: ExitSetting
    if words == ["off"] {
      setting = .off
    } else if words.count == 2, words[0] == "fixed", let depth = Int(words[1]) {
      setting = .fixed(depth: depth)
    } else if let name = words.first, let measure = ConfidenceMeasure(rawValue: name),
      let points = points(words[1...], usual: usual)
    {
      setting = .confidence(measure: measure, points: points.sorted { $0.depth < $1.depth })
    } else {
      throw DialError(
        .notation, typed: text, problem: "this is not an exit setting",
        remedy: "Write \(notation)")
    }
    try setting.validate(blockCount: blockCount, typed: text)
    return setting
  }

  /// Where tokens may leave when nobody says: after 1/2, 2/3 and 5/6 of the blocks.
  public static func usualDepths(blockCount: Int) -> [Int] {
    Set([blockCount / 2, blockCount * 2 / 3, blockCount * 5 / 6])
      .filter { $0 >= 1 && $0 < blockCount }
      .sorted()
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

extension ExitSetting: CustomStringConvertible {
  /// The notation; `parse` reads it back as the same setting.
  public var description: String {
    switch self {
    case .off: return "off"
    case .fixed(let depth): return "fixed \(depth)"
    case .confidence(let measure, let points):
      let sorted = points.sorted { $0.depth < $1.depth }
      if sorted.isEmpty { return "off" }
      let gates = sorted.map { $0.gate ?? 0 }
      let suffix = gates.allSatisfy { $0 == 0 } ? "" : " gate \(Self.joined(gates))"
      let thresholds = sorted.map(\.threshold)
      if Set(thresholds).count == 1 {
        let depths = sorted.map { "\($0.depth)" }.joined(separator: ",")
        return "\(measure.rawValue) \(thresholds[0]) at \(depths)\(suffix)"
      }
      let pairs = sorted.map { "\($0.depth):\($0.threshold)" }.joined(separator: ",")
      return "\(measure.rawValue) \(pairs)\(suffix)"
    }
  }

  /// One number where all are the same, else `0.3/0.2`.
  private static func joined(_ values: [Float]) -> String {
    let values = Set(values).count == 1 ? values.prefix(1) : values[...]
    return values.map { "\($0)" }.joined(separator: "/")
  }
}
