import Dials

/// The blocks that are not pruned, first to last, listed anew only when the pruned set changes.
struct LivingBlocks {
  private(set) var blocks: [BlockIndex] = []
  private var pruned: BlockSet?

  /// Lists the blocks of a model of `blockCount` without `pruned`.
  mutating func update(blockCount: Int, pruned: BlockSet) {
    guard self.pruned != pruned else { return }
    self.pruned = pruned
    blocks = (0..<blockCount).map { BlockIndex($0) }.filter { !pruned.contains($0) }
  }
}
