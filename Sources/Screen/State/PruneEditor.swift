package import Dials

/// Which blocks a person marks for leaving out, before it is done.
package struct PruneEditor: Hashable, Sendable {
  /// Blocks of the model.
  package let blockCount: Int
  /// The block that the next key is about.
  package private(set) var cursor: Int
  /// The blocks that will be left out.
  package private(set) var marked: BlockSet
  /// What was marked before each change, oldest first.
  private var earlier: [BlockSet] = []

  /// An editor that begins with what is left out now.
  package init(blockCount: Int, marked: BlockSet) {
    self.blockCount = blockCount
    self.marked = marked
    cursor = max(0, blockCount - 1)
  }

  /// Moves the cursor by so many blocks, deeper ones at positive steps, as far as there are any.
  package mutating func move(_ step: Int) {
    cursor = min(max(0, cursor + step), max(0, blockCount - 1))
  }

  /// Marks the block under the cursor, or takes its mark away. The last living block stays; false
  /// when that is why nothing happened.
  package mutating func toggle() -> Bool {
    var changed = marked
    changed.toggle(BlockIndex(cursor))
    guard changed.count < blockCount else { return false }
    earlier.append(marked)
    marked = changed
    return true
  }

  /// Takes the last change back; false when there is none.
  package mutating func undo() -> Bool {
    guard let last = earlier.popLast() else { return false }
    marked = last
    return true
  }
}
