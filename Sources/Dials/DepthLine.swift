/// What happened to one token in every block, as a line of one character per block.
///
/// `######s#--##!.....`: ran, small feed-forward, skipped, exited, not run. One notation for tests,
/// docs, records and the panel.
public struct DepthLine: Hashable, Sendable {
  /// What happened in one block.
  public enum Mark: Character, CaseIterable, Sendable {
    /// The block ran in full.
    case ran = "#"
    /// The block ran with its small feed-forward.
    case small = "s"
    /// The block was left out for this token.
    case skipped = "-"
    /// The block is pruned from the model.
    case pruned = "x"
    /// The block ran, and the token left after it.
    case exited = "!"
    /// The token had already left.
    case notRun = "."

    /// Whether the block computed anything for this token.
    public var isExecuted: Bool { self == .ran || self == .small || self == .exited }
  }

  /// One mark per block, first block first.
  public var marks: [Mark]

  /// A line with these marks.
  public init(_ marks: [Mark]) { self.marks = marks }

  /// A line of a dense pass: every one of `blockCount` blocks ran.
  public init(dense blockCount: Int) { marks = Array(repeating: .ran, count: blockCount) }

  /// Reads the notation; nil when a character is not part of it.
  public init?(parsing text: String) {
    marks = []
    for character in text {
      guard let mark = Mark(rawValue: character) else { return nil }
      marks.append(mark)
    }
  }

  /// How many blocks ran (the `12` of `12/30`).
  public var executedCount: Int { marks.count(where: \.isExecuted) }

  /// The depth that the token reached, in blocks of the model: those that were left out on the way count.
  public var reached: Int { exitBlock.map { $0.rawValue + 1 } ?? marks.count }

  /// The block after which the token left, if it left early.
  public var exitBlock: BlockIndex? { marks.firstIndex(of: .exited).map { BlockIndex($0) } }
}

extension DepthLine: CustomStringConvertible {
  /// The notation.
  public var description: String { String(marks.map(\.rawValue)) }
}

extension DepthLine: Codable {
  /// Reads the notation.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let line = DepthLine(parsing: text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "not a depth line: \(text)")
    }
    self = line
  }

  /// Writes the notation.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
