/// Which past positions attention sees: the reach dial.
///
/// A row at position i sees position j ≤ i in its window, i − j < `window`, at its true distance.
/// Before the window it sees the first `sinks` positions, at one distance for all of them
/// (LM-Infinite, arXiv 2308.16137, section 4), and what the technique keeps besides. One softmax goes
/// over all. What a row sees depends on positions alone, so any draft leaves the text as it is.
public struct ReachSetting: Hashable, Sendable {
  /// What attention keeps of the past.
  public enum Technique: String, Hashable, RecordWord, CaseIterable, Sendable {
    /// Everything.
    case full
    /// The first positions and a window (LM-Infinite).
    case lambda
    /// A window alone: the ablation that collapses when the first positions leave.
    case sliding
    /// The first positions, a window, and the positions that surprised the model most (SirLLM,
    /// arXiv 2405.12528).
    case sirllm
  }

  /// At which distance a row sees what lies before its window.
  public enum Distance: String, Hashable, RecordWord, CaseIterable, Sendable {
    /// All of it at the window's length (LM-Infinite).
    case capped
    /// As if what was forgotten had never been there (StreamingLLM, arXiv 2309.17453).
    case cacheIndex = "cache-index"
  }

  /// What attention keeps of the past.
  public var technique: Technique
  /// Positions seen at their true distance, the row's own included; with `sirllm`, whose windows move on
  /// in steps of `renewal`, these at least.
  public var window: Int
  /// First positions that stay visible.
  public var sinks: Int
  /// At which distance they are seen; what `sirllm` remembers always at the window's length.
  public var distance: Distance
  /// Positions between sinks and window that each head of the next token's row may look up, in blocks
  /// from 4 on (LM-Infinite, section 4.3); 0: none, and they are forgotten for good.
  public var lookups: Int
  /// Positions of highest loss that `sirllm` keeps.
  public var memory: Int

  /// Whether turns of a conversation leave the window whole: it begins where a turn begins, unless the turn
  /// that a row belongs to is longer than the window.
  public var turns: Bool

  /// Everything is seen.
  public static let full = ReachSetting(.full)

  /// A setting; the numbers of techniques that do not use them are as good as absent.
  public init(
    _ technique: Technique, window: Int = 2048, sinks: Int = 16, distance: Distance = .capped,
    lookups: Int = 0, memory: Int = 512, turns: Bool = false
  ) {
    let isLimited = technique != .full
    self.technique = technique
    self.window = isLimited ? window : 0
    self.sinks = isLimited && technique != .sliding ? sinks : 0
    self.distance = isLimited && technique != .sirllm ? distance : .capped
    self.lookups = technique == .lambda ? lookups : 0
    self.memory = technique == .sirllm ? memory : 0
    self.turns = technique == .lambda && turns
  }

  /// Whether something of the past may be out of sight.
  public var isLimited: Bool { technique != .full }

  /// The window of the row at `position`: what it sees at its true distance. `starts` are the positions at
  /// which turns of the text begin, in order, for a setting in which they leave whole.
  public func local(at position: Int, turns starts: [Int] = []) -> Range<Int> {
    guard isLimited else { return 0..<position + 1 }
    let first = max(0, position + 1 - max(1, window))
    if technique == .sirllm { return first / Self.renewal * Self.renewal..<position + 1 }
    return (turns ? whole(from: first, to: position, starts) : first)..<position + 1
  }

  /// Where the first whole turn begins from `first` on; `first` itself where nothing is out of sight yet, or
  /// in the middle of a turn that is longer than the window.
  private func whole(from first: Int, to position: Int, _ starts: [Int]) -> Int {
    guard first > sinks else { return first }
    var (low, high) = (0, starts.count)
    while low < high {
      let middle = (low + high) / 2
      if starts[middle] < first { low = middle + 1 } else { high = middle }
    }
    return low < starts.count && starts[low] <= position ? starts[low] : first
  }

  /// Positions by which the window is longer at most, and between which what is remembered stays the same.
  public static let renewal = 256

  /// The longest window of a row.
  public var longestWindow: Int { technique == .sirllm ? window + Self.renewal - 1 : window }

  /// The first position behind `position` whose window begins elsewhere, where it moves in steps.
  public func nextRenewal(after position: Int) -> Int {
    local(at: position).lowerBound + Self.renewal + window - 1
  }

  /// How many positions the row at `position` remembers.
  public func remembered(at position: Int) -> Int {
    min(memory, max(0, local(at: position).lowerBound - sinks))
  }

  /// The first positions that the row at `position` sees besides its window.
  public func sinks(at position: Int, turns starts: [Int] = []) -> Range<Int> {
    0..<max(0, min(sinks, local(at: position, turns: starts).lowerBound))
  }

  /// Positions that the row at `position` sees, without what it looks up.
  public func attended(at position: Int) -> Int {
    local(at: position).count + sinks(at: position).count + remembered(at: position)
  }

  /// Whether positions that no row sees any more can be given up.
  public var forgets: Bool { isLimited && lookups == 0 }
}

extension ReachSetting {
  /// Checks the numbers; whether a model knows distances as long as the window is for `check`.
  public func validate() throws(DialError) {
    guard isLimited else { return }
    guard window >= 1 else {
      throw DialError(
        .range, typed: "\(window)", problem: "a window holds at least the token itself",
        remedy: "Write 1 or more, or off")
    }
    guard (0...window).contains(sinks) else {
      throw DialError(
        .range, typed: "\(sinks)",
        problem: sinks < 0
          ? "a number of first positions is not negative"
          : "\(sinks) first positions are more than the window of \(window)",
        remedy: "Write a number from 0 to \(window)")
    }
    guard lookups == 0 || distance == .capped else {
      throw DialError(
        .range, typed: "\(lookups)",
        problem: "what is looked up is seen at one distance, and has no place in a cache",
        remedy: "Look up with --distance capped, or look nothing up")
    }
    for count in [lookups, memory] where !Self.extras.contains(count) {
      throw DialError(
        .range, typed: "\(count)", problem: "this many positions cannot be kept besides",
        remedy: "Write a number from \(Self.extras.lowerBound) to \(Self.extras.upperBound)")
    }
  }

  /// Positions that can be looked up or remembered.
  public static let extras = 0...65_536

  /// Checks that a model has learnt the distances in the window: `trainedLength` positions.
  public func check(trainedLength: Int) throws(DialError) {
    guard isLimited, longestWindow > trainedLength else { return }
    throw DialError(
      .range, typed: "\(window)",
      problem: "the model was trained on \(trainedLength) positions and knows no farther ones",
      remedy: "Write a window of at most \(trainedLength - longestWindow + window), or off")
  }
}

extension ReachSetting: Codable {
  private enum Key: String, CodingKey {
    case technique, window, sinks, distance, lookups, memory, turns
  }

  /// Reads a setting; what is absent has its usual value.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    self.init(
      try values.decode(Technique.self, forKey: .technique),
      window: try values.decodeIfPresent(Int.self, forKey: .window) ?? 2048,
      sinks: try values.decodeIfPresent(Int.self, forKey: .sinks) ?? 0,
      distance: try values.decodeIfPresent(Distance.self, forKey: .distance) ?? .capped,
      lookups: try values.decodeIfPresent(Int.self, forKey: .lookups) ?? 0,
      memory: try values.decodeIfPresent(Int.self, forKey: .memory) ?? 0,
      turns: try values.decodeIfPresent(Bool.self, forKey: .turns) ?? false)
  }

  /// Writes what the technique uses.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(technique, forKey: .technique)
    guard isLimited else { return }
    try values.encode(window, forKey: .window)
    try values.encode(sinks, forKey: .sinks)
    try values.encode(distance, forKey: .distance)
    if lookups > 0 { try values.encode(lookups, forKey: .lookups) }
    if technique == .sirllm { try values.encode(memory, forKey: .memory) }
    if turns { try values.encode(turns, forKey: .turns) }
  }
}
