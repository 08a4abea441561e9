extension DialSettings {
  /// Checks that a model of `blockCount` blocks can be run with these settings.
  public func validate(blockCount: Int) throws(DialError) {
    try pruned.validate(blockCount: blockCount, typed: "\(pruned)")
    try exit.validate(blockCount: blockCount, typed: "\(exit)")
    if let shallowest = exit.depths.first, pruned.covers(0..<shallowest) {
      throw DialError(
        .nothingLeft, typed: "\(exit)",
        problem: "every block before the exit at \(shallowest) is pruned",
        remedy: "Exit deeper, or keep one of the blocks 0-\(shallowest - 1)")
    }
    guard (1...64).contains(draftLength) else {
      throw DialError(
        .range, typed: "\(draftLength)", problem: "a round drafts 1 to 64 tokens",
        remedy: "Write a number from 1 to 64")
    }
    if let shortHead, !ConfidenceMeasure.top1.thresholds.contains(shortHead) {
      throw DialError(
        .threshold, typed: "\(shortHead)", problem: "the short head's threshold is a probability",
        remedy: "Write a number from 0 to 1; with 1 only exits use it")
    }
    try draft.validate()
    try reach.validate()
  }
}

extension BlockSet {
  /// Reads `3,7-9` or `none`, for a model of `blockCount` blocks.
  public static func parse(_ text: String, blockCount: Int) throws(DialError) -> BlockSet {
    guard let runs = runs(in: text) else {
      throw DialError(
        .notation, typed: text, problem: "this is not a list of blocks",
        remedy: "Write block numbers and ranges such as 3,7-9, or none")
    }
    let outside = runs.filter { $0.upperBound >= min(blockCount, capacity) }
    if let first = outside.map({ max($0.lowerBound, blockCount) }).min() {
      throw noBlock(first, typed: text, blockCount: blockCount)
    }
    let blocks = BlockSet(indices: runs.joined())
    try blocks.validate(blockCount: blockCount, typed: text)
    return blocks
  }

  /// Checks that the model has these blocks, and others besides.
  public func validate(blockCount: Int, typed: String) throws(DialError) {
    if let outside = sorted.first(where: { !(0..<blockCount).contains($0.rawValue) }) {
      throw Self.noBlock(outside.rawValue, typed: typed, blockCount: blockCount)
    }
    if count == blockCount, blockCount > 0 {
      throw DialError(
        .nothingLeft, typed: typed, problem: "these are all the blocks of the model",
        remedy: "Keep at least one")
    }
  }
}

extension BlockSet {
  private static func noBlock(_ index: Int, typed: String, blockCount: Int) -> DialError {
    DialError(
      .outsideModel, typed: typed, problem: "the model has no block \(index)",
      remedy: "Its blocks are 0-\(blockCount - 1)")
  }
}

extension ExitSetting {
  /// Checks depths and thresholds for a model of `blockCount` blocks.
  func validate(blockCount: Int, typed: String) throws(DialError) {
    for depth in depths { try Self.check(depth: depth, blockCount: blockCount, typed: typed) }
    guard case .confidence(let measure, let points) = self else { return }
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
    for point in points where !measure.thresholds.contains(point.threshold) {
      let range = measure.thresholds
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

  private static func check(depth: Int, blockCount: Int, typed: String) throws(DialError) {
    if (1..<max(1, blockCount)).contains(depth) { return }
    if depth == blockCount {
      throw DialError(
        .outsideModel, typed: typed, problem: "after \(depth) blocks every block has run",
        remedy: "Write off for full depth")
    }
    throw DialError(
      .outsideModel, typed: typed,
      problem: "no token can leave a model of \(blockCount) blocks after \(depth)",
      remedy: blockCount > 1 ? "Write a depth from 1 to \(blockCount - 1)" : "Write off")
  }
}

extension ConfidenceMeasure {
  /// The thresholds that make sense; at 1 no token ever leaves, whatever the measure.
  public var thresholds: ClosedRange<Float> {
    switch self {
    case .top1, .margin: 0...1
    case .entropy: -20...1
    }
  }
}
