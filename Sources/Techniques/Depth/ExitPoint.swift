/// A depth with the confidence that lets a token leave there.
public struct ExitPoint: Hashable, Codable, Sendable {
  /// Blocks executed (1...n).
  public var depth: Int
  /// The token leaves when its confidence is greater than this.
  public var threshold: Float
  /// The vocabulary is only read where the exit's gate, nearly free, says this or more; nil: it always
  /// is, and no gate is asked.
  public var gate: Float?

  /// An exit after `depth` blocks for confidence above `threshold`, behind a gate or without one.
  public init(depth: Int, threshold: Float, gate: Float? = nil) {
    self.depth = depth
    self.threshold = threshold
    self.gate = gate
  }
}
