/// A set of blocks, such as the pruned ones: a word of 128 bits, one a block.
///
/// Reads and prints as people write it: `3,7-9`.
public struct BlockSet: Hashable, Sendable, BitwiseCopyable {
  /// Blocks that a set can tell apart, and so the most that a model may have.
  public static let capacity = 128

  /// Bit i says whether block i is in the set.
  private var bits: UInt128 = 0

  /// No block.
  public static let none = BlockSet([])

  /// The set of these blocks.
  public init(_ blocks: some Sequence<BlockIndex>) { self.init(indices: blocks.map(\.rawValue)) }

  /// The set of the blocks with these 0-based indices, each below `capacity`.
  public init(indices: some Sequence<Int>) {
    for index in indices { bits |= Self.bit(index) }
  }

  /// Reads `3,7-9`; `none` or an empty text is the empty set. Nil when the text is something else, or
  /// names a block that no model has.
  public init?(parsing text: String) {
    guard let runs = Self.runs(in: text), runs.allSatisfy({ $0.upperBound < Self.capacity })
    else { return nil }
    self.init(indices: runs.joined())
  }

  /// The first block in a list that no model has; nil where there is none, or the text is no list.
  package static func firstBeyondCapacity(in text: String) -> Int? {
    runs(in: text)?.filter { $0.upperBound >= capacity }.map { max($0.lowerBound, capacity) }.min()
  }

  /// The runs of indices that a text names, in its order; nil when it is not such a list.
  static func runs(in text: String) -> [ClosedRange<Int>]? {
    let words = text.replacing(/\s*-\s*/, with: "-")
      .split(separator: ",", omittingEmptySubsequences: false)
      .map { $0.split(whereSeparator: \.isWhitespace) }
    if words.count == 1, words[0].isEmpty || words[0] == ["none"] { return [] }
    guard words.allSatisfy({ !$0.isEmpty }) else { return nil }
    var runs: [ClosedRange<Int>] = []
    for part in words.joined() {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      guard ends.count <= 2, let first = ends.first.flatMap({ $0 }),
        let last = ends.last.flatMap({ $0 }), first <= last, last < 65_536
      else { return nil }
      runs.append(first...last)
    }
    return runs
  }

  /// Whether there is no block in the set.
  public var isEmpty: Bool { bits == 0 }

  /// How many blocks are in the set.
  public var count: Int { bits.nonzeroBitCount }

  /// The blocks from first to last.
  public var sorted: [BlockIndex] {
    (0..<Self.capacity).map { BlockIndex($0) }.filter { contains($0) }
  }

  /// Whether all of these blocks are in the set.
  public func covers(_ blocks: Range<Int>) -> Bool {
    blocks.allSatisfy { contains(BlockIndex($0)) }
  }

  /// Whether the block is in the set.
  public func contains(_ block: BlockIndex) -> Bool { bits & Self.bit(block.rawValue) != 0 }

  /// The blocks of both sets.
  public func union(_ other: BlockSet) -> BlockSet {
    var union = self
    union.bits |= other.bits
    return union
  }

  /// The blocks of this set that are not in the other.
  public func subtracting(_ other: BlockSet) -> BlockSet {
    var rest = self
    rest.bits &= ~other.bits
    return rest
  }

  /// Puts the block in.
  public mutating func insert(_ block: BlockIndex) { bits |= Self.bit(block.rawValue) }

  /// Takes the block out.
  public mutating func remove(_ block: BlockIndex) { bits &= ~Self.bit(block.rawValue) }

  /// Puts the block in, or takes it out if it is there.
  public mutating func toggle(_ block: BlockIndex) { bits ^= Self.bit(block.rawValue) }

  private static func bit(_ index: Int) -> UInt128 {
    precondition((0..<capacity).contains(index), "a model has at most \(capacity) blocks")
    return 1 << UInt128(truncatingIfNeeded: index)
  }
}

extension BlockSet: CustomStringConvertible {
  /// `3,7-9`, or `none`.
  public var description: String {
    if isEmpty { return "none" }
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
    let container = try decoder.singleValueContainer()
    let indices = try container.decode([Int].self)
    guard indices.allSatisfy({ (0..<Self.capacity).contains($0) }) else {
      throw ImpossibleValue("not a set of blocks: \(indices)")
    }
    self.init(indices: indices)
  }

  /// Writes an ascending array of 0-based indices.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(sorted.map(\.rawValue))
  }
}
