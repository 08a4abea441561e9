extension ExitSetting {
  /// The notation in one line, for help texts and remedies.
  public static let notation =
    "off, fixed 20, top1 0.9, margin 0.5 at 20, entropy 0.3 at 15,25 or top1 10:0.95,20:0.8"

  /// Reads the notation of the flags and slash commands, for a model of `blockCount` blocks.
  ///
  /// `off` · `fixed 20` (blocks executed) · `top1 0.9` (at the usual points) · `top1 0.9 at 10,20` ·
  /// `top1 10:0.95,20:0.8`; `margin` and `entropy` as `top1`. Every measure grows with certainty:
  /// `entropy 0.3` leaves when 1 less the entropy in nats is above 0.3. What comes back is valid for
  /// the model and its points ascend.
  public static func parse(_ text: String, blockCount: Int) throws(DialError) -> ExitSetting {
    let words = text.lowercased().split(whereSeparator: \.isWhitespace).map(String.init)
    let setting: ExitSetting
    if words == ["off"] {
      setting = .off
    } else if words.count == 2, words[0] == "fixed", let depth = Int(words[1]) {
      setting = .fixed(depth: depth)
    } else if let name = words.first, let measure = ConfidenceMeasure(rawValue: name) {
      let points = try parsePoints(Array(words.dropFirst()), of: text, blockCount: blockCount)
      setting = .confidence(measure: measure, points: points.sorted { $0.depth < $1.depth })
    } else {
      throw notUnderstood(text)
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

  /// Reads what follows the measure: `0.9`, `0.9 at 10,20` or `10:0.95,20:0.8`.
  private static func parsePoints(
    _ words: [String], of text: String, blockCount: Int
  ) throws(DialError) -> [ExitPoint] {
    if let at = words.firstIndex(of: "at") {
      guard at == 1, let threshold = Float(words[0]) else { throw notUnderstood(text) }
      let points = list(words[2...]) { word in
        Int(word).map { ExitPoint(depth: $0, threshold: threshold) }
      }
      guard let points else { throw notUnderstood(text) }
      return points
    }
    if words.count == 1, let threshold = Float(words[0]) {
      let depths = usualDepths(blockCount: blockCount)
      return depths.map { ExitPoint(depth: $0, threshold: threshold) }
    }
    guard let points = list(words[...], pair) else { throw notUnderstood(text) }
    return points
  }

  /// Reads a list whose commas may have spaces around them; nil when a part is something else.
  private static func list(
    _ words: ArraySlice<String>, _ read: (Substring) -> ExitPoint?
  ) -> [ExitPoint]? {
    let parts = words.joined().split(separator: ",", omittingEmptySubsequences: false)
    let points = parts.compactMap(read)
    return points.count == parts.count ? points : nil
  }

  /// Reads `10:0.95`.
  private static func pair(_ text: Substring) -> ExitPoint? {
    let ends = text.split(separator: ":", omittingEmptySubsequences: false)
    guard ends.count == 2, let depth = Int(ends[0]), let threshold = Float(ends[1]) else {
      return nil
    }
    return ExitPoint(depth: depth, threshold: threshold)
  }

  private static func notUnderstood(_ text: String) -> DialError {
    DialError(
      .notation, typed: text, problem: "this is not an exit setting", remedy: "Write \(notation)")
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
      guard let first = sorted.first else { return "off" }
      if sorted.allSatisfy({ $0.threshold == first.threshold }) {
        let depths = sorted.map { "\($0.depth)" }.joined(separator: ",")
        return "\(measure.rawValue) \(first.threshold) at \(depths)"
      }
      let pairs = sorted.map { "\($0.depth):\($0.threshold)" }.joined(separator: ",")
      return "\(measure.rawValue) \(pairs)"
    }
  }
}
