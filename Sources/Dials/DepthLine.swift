/// What happened to one token in every block, as a line of one character per block.
///
/// `######s#--##!.....`: ran, small feed-forward, skipped, exited, not run. One notation for tests,
/// docs, records and the panel.
public struct DepthLine: Hashable, Sendable {
  /// What happened in one block. A record may hold a mark that this program does not know.
  public struct Mark: RawRepresentable, Hashable, CaseIterable, Sendable {
    /// The character.
    public let rawValue: Character

    /// The mark with this character.
    public init(rawValue: Character) { self.rawValue = rawValue }

    /// The block ran in full.
    public static let ran = Mark(rawValue: "#")
    /// The block ran with its small feed-forward.
    public static let small = Mark(rawValue: "s")
    /// The block was left out for this token.
    public static let skipped = Mark(rawValue: "-")
    /// The block is pruned from the model.
    public static let pruned = Mark(rawValue: "x")
    /// The block ran, and the token left after it.
    public static let exited = Mark(rawValue: "!")
    /// The token had already left.
    public static let notRun = Mark(rawValue: ".")

    /// The marks that this program writes.
    public static let allCases: [Mark] = [.ran, .small, .skipped, .pruned, .exited, .notRun]

    /// Whether the block is known to have computed something for this token.
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
      let mark = Mark(rawValue: character)
      guard Mark.allCases.contains(mark) else { return nil }
      marks.append(mark)
    }
  }

  /// How many blocks are known to have run (the `12` of `12/30`).
  public var executedCount: Int { marks.count(where: \.isExecuted) }

  /// How many blocks ran with the small feed-forward.
  public var smallCount: Int { marks.count { $0 == .small } }

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
  /// Reads the notation, with whatever marks a newer version has.
  public init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    self.init(text.map { Mark(rawValue: $0) })
  }

  /// Writes the notation.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
