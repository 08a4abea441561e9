public import Techniques

/// What dials do to a text that no search has seen, beside the whole model.
public struct MeasureRecord: Hashable, Codable, Sendable {
  /// The dials that were measured.
  public var policy: DialSettings
  /// In words: `prune 5,12`.
  public var summary: String
  /// Tokens that were scored.
  public var tokens: Int
  /// The perplexity of the whole model.
  public var perplexityFull: Double
  /// The perplexity under the dials.
  public var perplexity: Double
  /// The mean KL divergence from the whole model, in nats.
  public var divergence: Double
  /// The share of tokens whose most probable one is the whole model's, 0...1.
  public var sameTop: Double
  /// What has to be known besides, such as what of the settings is not part of it.
  public var note: String?
  /// Nanoseconds since the session began.
  public var tNs: Int

  /// A measurement with these results.
  public init(
    policy: DialSettings, summary: String, tokens: Int, perplexityFull: Double, perplexity: Double,
    divergence: Double, sameTop: Double, note: String? = nil, tNs: Int
  ) {
    self.policy = policy
    self.summary = summary
    self.tokens = tokens
    self.perplexityFull = perplexityFull
    self.perplexity = perplexity
    self.divergence = divergence
    self.sameTop = sameTop
    self.note = note
    self.tNs = tNs
  }
}
