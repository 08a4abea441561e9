/// What a policy wants to see of a row before it decides.
public enum Need: Hashable, Sendable {
  /// Nothing more.
  case nothing
  /// The vocabulary as seen from the depth reached (cost: one LM head). With `leastGate` the exit's
  /// gate is asked first, nearly free, and the vocabulary only where it says this much. `above` is what
  /// the policy's measure must be above for the token to leave, if that is one number.
  case readout(leastGate: Float?, above: Float? = nil)
}

/// What a policy was shown on a row's way down, shallow to deep.
public struct Evidence: Hashable, Sendable {
  /// Readings of the vocabulary.
  public var readouts: [Readout]
  /// What gates said.
  public var gates: [GateReading]
  /// What the router of each block on the way said, first block first; empty where none was asked. That
  /// of a block whose feed-forward was no question says nothing.
  public var scores: [Float]

  /// Evidence; none where nothing is said.
  public init(readouts: [Readout] = [], gates: [GateReading] = [], scores: [Float] = []) {
    self.readouts = readouts
    self.gates = gates
    self.scores = scores
  }
}

/// Why a token left early, in the policy's own words: the record stores this as it is.
public struct ExitReason: Hashable, Sendable {
  /// The technique's word for it, such as `threshold`.
  public var word: String
  /// The measured confidence, if one decided.
  public var confidence: Float?
  /// What it had to be above.
  public var threshold: Float?

  /// A reason.
  public init(_ word: String, confidence: Float? = nil, threshold: Float? = nil) {
    self.word = word
    self.confidence = confidence
    self.threshold = threshold
  }
}

/// What a policy answers for one row before one block.
public enum DepthStep: Hashable, Sendable {
  /// Take the block like this. A block that is pruned stays pruned.
  case take(BlockAction)
  /// Leave the model here; the blocks before this one were the last.
  case exit(ExitReason)
}

/// Decides how deep a token goes, and what the blocks on its way do.
///
/// A policy computes nothing: it names the evidence it needs and answers from it, so every decision
/// can be replayed from a record without a model. Both answers are pure functions of the arguments.
public protocol DepthPolicy: Sendable {
  /// The blocks before which the policy may need something, or answer other than `take(.run)`. It is
  /// asked nowhere else.
  var stops: BlockSet { get }

  /// Which feed-forward a block takes where it runs, from what its router says; nil: always the big one.
  ///
  /// The router reads what is inside the block, so the pass itself applies the rule, row by row; whoever
  /// has the scores can apply it again.
  var rule: FeedForwardRule? { get }

  /// What the policy must see after this many blocks.
  func need(after depth: Int) -> Need

  /// What to do before `block`, given what was seen so far.
  func step(before block: BlockIndex, evidence: Evidence) -> DepthStep
}

extension DepthPolicy {
  /// Always the big feed-forward.
  public var rule: FeedForwardRule? { nil }
}
