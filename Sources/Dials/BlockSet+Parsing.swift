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
