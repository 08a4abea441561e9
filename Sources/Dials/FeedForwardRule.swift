/// Which feed-forward a block runs for a row, from what the block's router says of it: the share of the
/// model that feed-forwards may take, as one number.
///
/// A router's score is the natural logarithm of a damage in nats, in steps of a hundredth, so that a
/// record holds it as it was.
public struct FeedForwardRule: Hashable, Sendable, BitwiseCopyable {
  /// The score above which the big feed-forward runs.
  public var offset: Float

  /// A rule with this offset; infinite ones make every block small or every block big.
  public init(offset: Float) { self.offset = offset }

  /// Big above the offset, and where the router says nothing that can be compared.
  @inlinable
  public func action(score: Float) -> BlockAction { score <= offset ? .small : .run }

  /// A score as rules see it: in steps of a hundredth, within ±100.
  @inlinable
  public static func rounded(_ score: Float) -> Float {
    (min(100, max(-100, score)) * 100).rounded() / 100
  }
}
