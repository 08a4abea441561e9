/// A set of blocks, such as the pruned ones.
///
/// Reads and prints as people write it: `3,7-9`.
public struct BlockSet: Hashable, Sendable {
  /// The blocks in the set.
  public private(set) var members: Set<BlockIndex>

  /// No block.
  public static let none = BlockSet([])

  /// The set of these blocks.
  public init(_ blocks: some Sequence<BlockIndex>) { members = Set(blocks) }

  /// The set of the blocks with these 0-based indices.
  public init(indices: some Sequence<Int>) { self.init(indices.map { BlockIndex($0) }) }

  /// Reads `3,7-9`; `none` or an empty text is the empty set. Nil when the text is something else.
  public init?(parsing text: String) {
    members = []
    let trimmed = text.filter { !$0.isWhitespace }
    if trimmed.isEmpty || trimmed == "none" { return }
    for part in trimmed.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      guard ends.count <= 2, let first = ends.first.flatMap({ $0 }),
        let last = ends.last.flatMap({ $0 }), first <= last, last < 65_536
      else { return nil }
      for index in first...last { members.insert(BlockIndex(index)) }
    }
  }

  /// Whether there is no block in the set.
  public var isEmpty: Bool { members.isEmpty }

  /// How many blocks are in the set.
  public var count: Int { members.count }

  /// The blocks from first to last.
  public var sorted: [BlockIndex] { members.sorted() }

  /// Whether all of these blocks are in the set.
  public func covers(_ blocks: Range<Int>) -> Bool {
    blocks.allSatisfy { contains(BlockIndex($0)) }
  }

  /// Whether the block is in the set.
  public func contains(_ block: BlockIndex) -> Bool { members.contains(block) }

  /// The blocks of both sets.
  public func union(_ other: BlockSet) -> BlockSet { BlockSet(members.union(other.members)) }

  /// Puts the block in, or takes it out if it is there.
  public mutating func toggle(_ block: BlockIndex) {
    if members.remove(block) == nil { members.insert(block) }
  }
}

extension BlockSet: CustomStringConvertible {
  /// `3,7-9`, or `none`.
  public var description: String {
    if members.isEmpty { return "none" }
    var runs: [ClosedRange<Int>] = []
    for index in sorted.map(\.rawValue) {
      if let last = runs.last, last.upperBound + 1 == index {
        runs[runs.count - 1] = last.lowerBound...index
      } else {
        runs.append(index...index)
      }
    }
    return runs.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
      .joined(separator: ",")
  }
}

extension BlockSet: Codable {
  /// Reads an array of 0-based indices.
  public init(from decoder: any Decoder) throws {
    self.init(indices: try decoder.singleValueContainer().decode([Int].self))
  }

  /// Writes an ascending array of 0-based indices.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(sorted.map(\.rawValue))
  }
}
