/// What the vocabulary looks like from one depth: the evidence an exit policy may ask for.
///
/// Taken from the untempered distribution (temperature 1, nothing filtered), natural logarithm.
public struct Readout: Hashable, Codable, Sendable {
  /// After how many blocks of the model this was read (1...n).
  public var depth: Int
  /// The most probable token.
  public var token: TokenID
  /// Its probability, 0...1.
  public var probability: Float
  /// Its probability less that of the runner-up.
  public var margin: Float
  /// The entropy of the distribution in nats.
  public var entropy: Float
  /// How many tokens a short head was asked about; nil when it was the whole vocabulary. The numbers
  /// above are then too high (entropy: too low) by what the other tokens would have taken.
  public var shortlist: Int?
  /// What its measure had to be above for the token to leave here; nil where nobody asked for that.
  public var needed: Float?

  /// A readout with these values.
  public init(
    depth: Int, token: TokenID, probability: Float, margin: Float, entropy: Float,
    shortlist: Int? = nil, needed: Float? = nil
  ) {
    self.depth = depth
    self.token = token
    self.probability = probability
    self.margin = margin
    self.entropy = entropy
    self.shortlist = shortlist
    self.needed = needed
  }
}

/// What an exit's gate says from the residual stream alone: how likely its most probable token is to
/// be full depth's. It costs one product of two vectors.
public struct GateReading: Hashable, Codable, Sendable {
  /// After how many blocks of the model it was asked (1...n).
  public var depth: Int
  /// What it said, 0...1.
  public var value: Float
  /// What it had to say at least for the vocabulary to be looked at; nil in older records.
  public var least: Float?

  /// A reading with this value.
  public init(depth: Int, value: Float, least: Float? = nil) {
    self.depth = depth
    self.value = value
    self.least = least
  }
}

/// How sure a readout is, as one number that grows with certainty.
public enum ConfidenceMeasure: String, RecordWord, CaseIterable, Sendable {
  /// The probability of the most probable token.
  case top1
  /// That probability less the runner-up's (CALM's softmax response difference).
  case margin
  /// One less the entropy in nats; above 0 when fewer than e choices are left.
  case entropy

  /// The value of this measure for a readout.
  public func value(of readout: Readout) -> Float {
    switch self {
    case .top1: readout.probability
    case .margin: readout.margin
    case .entropy: 1 - readout.entropy
    }
  }
}

extension ConfidenceMeasure {
  /// The thresholds that make sense; at 1 no token ever leaves, whatever the measure.
  public var thresholds: ClosedRange<Float> {
    switch self {
    case .top1, .margin: 0...1
    case .entropy: -20...1
    }
  }
}
