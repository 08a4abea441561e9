/// The index of one transformer block, 0-based as in `blk.N` of a GGUF file.
public struct BlockIndex: RawRepresentable, Hashable, Comparable, Codable, Sendable {
  /// 0 for the first block.
  public var rawValue: Int

  /// The block with this 0-based index.
  public init(rawValue: Int) { self.rawValue = rawValue }

  /// The block with this 0-based index.
  public init(_ value: Int) { rawValue = value }

  /// Earlier blocks come first.
  public static func < (a: BlockIndex, b: BlockIndex) -> Bool { a.rawValue < b.rawValue }
}

/// A logical position in the text: how many tokens come before.
public struct Position: RawRepresentable, Hashable, Comparable, Codable, Sendable {
  /// 0 for the first token of the text.
  public var rawValue: Int

  /// The position with this many tokens before it.
  public init(rawValue: Int) { self.rawValue = rawValue }

  /// The position with this many tokens before it.
  public init(_ value: Int) { rawValue = value }

  /// Earlier positions come first.
  public static func < (a: Position, b: Position) -> Bool { a.rawValue < b.rawValue }

  /// The position `count` tokens further on.
  public func advanced(by count: Int) -> Position { Position(rawValue + count) }
}

/// The number of a token in a model's vocabulary.
public struct TokenID: RawRepresentable, Hashable, Comparable, Codable, Sendable {
  /// The index into the vocabulary.
  public var rawValue: Int32

  /// The token with this vocabulary index.
  public init(rawValue: Int32) { self.rawValue = rawValue }

  /// The token with this vocabulary index.
  public init(_ value: Int) { rawValue = Int32(truncatingIfNeeded: value) }

  /// The vocabulary index as `Int`, for subscripts.
  public var index: Int { Int(rawValue) }

  /// Lower ids come first.
  public static func < (a: TokenID, b: TokenID) -> Bool { a.rawValue < b.rawValue }
}
