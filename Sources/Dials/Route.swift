/// What a block does for one row.
public enum BlockAction: String, Hashable, Codable, CaseIterable, Sendable {
  /// It runs in full.
  case run
  /// It runs with its small feed-forward in place of the big one (Duo-LLM, arXiv 2410.10846).
  case small
  /// Its attention runs, and no feed-forward.
  case bare
  /// This row leaves it out: its stream passes by, and it has no keys and values there.
  case skip
  /// It is pruned: it runs for nobody, and no row has keys and values there.
  case prune
}

/// What every block does for one row: the depth dial, spelled out.
///
/// Where the row ends is not part of it: a pass runs a range of blocks, and the range ends there. The
/// depth line is drawn from a route and that end, here and nowhere else.
public struct Route: Hashable, Sendable, BitwiseCopyable {
  /// Blocks that run for nobody.
  public private(set) var pruned: BlockSet
  /// Blocks that this row leaves out.
  public private(set) var skipped: BlockSet
  /// Blocks that run with their small feed-forward.
  public private(set) var small: BlockSet
  /// Blocks that run without a feed-forward.
  public private(set) var bare: BlockSet

  /// Every block runs in full.
  public static let plain = Route()

  /// A route that differs from plain in these blocks. A pruned block stays pruned, whatever else is
  /// asked of it; a skipped one has no feed-forward to choose.
  public init(
    pruned: BlockSet = .none, skipped: BlockSet = .none, small: BlockSet = .none,
    bare: BlockSet = .none
  ) {
    self.pruned = pruned
    self.skipped = skipped.subtracting(pruned)
    self.small = small.subtracting(pruned).subtracting(skipped)
    self.bare = bare.subtracting(pruned).subtracting(skipped).subtracting(small)
  }

  /// What a block does.
  public subscript(block: Int) -> BlockAction {
    get {
      let block = BlockIndex(block)
      if pruned.contains(block) { return .prune }
      if skipped.contains(block) { return .skip }
      if bare.contains(block) { return .bare }
      return small.contains(block) ? .small : .run
    }
    set {
      let block = BlockIndex(block)
      pruned.remove(block)
      skipped.remove(block)
      small.remove(block)
      bare.remove(block)
      switch newValue {
      case .run: break
      case .small: small.insert(block)
      case .bare: bare.insert(block)
      case .skip: skipped.insert(block)
      case .prune: pruned.insert(block)
      }
    }
  }

  /// This route where `rule` chooses the feed-forwards of the blocks that run in full, by what their routers
  /// said, first block first.
  public func routed(by rule: FeedForwardRule, _ scores: some Collection<Float>) -> Route {
    var route = self
    for (block, score) in scores.enumerated() where self[block] == .run {
      route[block] = rule.action(score: score)
    }
    return route
  }

  /// Whether a block computes anything for the row, and leaves keys and values.
  @inlinable
  public func runs(_ block: Int) -> Bool {
    let block = BlockIndex(block)
    return !pruned.contains(block) && !skipped.contains(block)
  }

  /// Whether every block that runs does so in full.
  public var isFull: Bool { small.isEmpty && bare.isEmpty }

  /// Whether the row's stream is the same before and behind these blocks: none of them runs.
  public func passesBy(_ blocks: Range<Int>) -> Bool { !blocks.contains { runs($0) } }

  /// The line of a row that went through the first `depth` of `blockCount` blocks: the last that ran is
  /// marked as the exit where the row left before the end.
  public func line(to depth: Int, of blockCount: Int) -> DepthLine {
    var marks = (0..<blockCount).map { block -> DepthLine.Mark in
      switch self[block] {
      case .prune: .pruned
      case _ where block >= depth: .notRun
      case .run: .ran
      case .small: .small
      case .skip, .bare: .skipped
      }
    }
    if depth < blockCount, let last = marks.lastIndex(where: \.isExecuted) { marks[last] = .exited }
    return DepthLine(marks)
  }
}
