/// What a depth policy answers for one row before one block.
public enum DepthVerdict: String, Hashable, Codable, Sendable {
  /// Run the block.
  case run
  /// The block is pruned: it runs for nobody and keeps no keys and values.
  case prune
  /// Leave the model here; the blocks before this one were the last.
  case exit
}

/// Decides how deep a token goes.
///
/// A policy computes nothing: it names the evidence it needs and answers from it, so every decision
/// can be replayed from a record without a model.
public protocol DepthPolicy: Sendable {
  /// Whether the policy must see the vocabulary after this many blocks (cost: one LM head).
  func needsReadout(after depth: Int) -> Bool

  /// How much the gate after this many blocks must say for that readout to be taken; nil: no gate is
  /// asked, the readout is taken always.
  func leastGate(after depth: Int) -> Float?

  /// What to do before `block`, given the readouts taken so far, shallow to deep.
  func verdict(before block: BlockIndex, readouts: [Readout]) -> DepthVerdict
}

extension DepthPolicy {
  /// No gate is asked.
  public func leastGate(after depth: Int) -> Float? { nil }
}
