package import Dials
public import Techniques

/// What an answer is made with: what decides its text, and what it may be compared with.
///
/// There are two of them at any time: those of the answer on the screen, and those that are set for the
/// next one. Numbers and promises belong to the first.
public struct AnswerSettings: Hashable, Codable, Sendable {
  /// The dials.
  public var policy: DialSettings
  /// How tokens are drawn.
  public var sampler: SessionRecord.Sampler
  /// Which preset is in force, and whether its certificate holds.
  public var preset: PresetState
  /// The adapter in use, if one is.
  public var adapter: SessionRecord.Adapter?

  /// Settings with these parts.
  public init(
    policy: DialSettings, sampler: SessionRecord.Sampler = SessionRecord.Sampler(),
    preset: PresetState = .off, adapter: SessionRecord.Adapter? = nil
  ) {
    self.policy = policy
    self.sampler = sampler
    self.preset = preset
    self.adapter = adapter
  }

  /// Whether full depth is the whole model: all blocks, full attention, no adapter that changes it.
  public var fullDepthIsWhole: Bool {
    policy.runsWhole && !(adapter?.changesModel ?? false)
  }

  /// What the text is worth beside that of the whole model.
  public var contract: Contract {
    adapter?.changesModel ?? false ? .approximate : policy.contract
  }
}

/// What is set, as the records of a session tell it: a fold that every reader shares.
package struct SettingsInForce: Hashable, Sendable {
  /// What the next answer is made with.
  package private(set) var next: AnswerSettings
  /// What is wanted of the model's reasoning.
  package private(set) var thinking = Thinking.on

  /// What a session begins with.
  package init(_ session: SessionRecord) { next = session.settings }

  /// Takes in a change.
  package mutating func apply(_ change: ParameterRecord) {
    if let session = change.session {
      next = session.settings
      return
    }
    next.policy = change.policy ?? next.policy
    switch change.change {
    case .parameter(let parameter): _ = next.sampler.set(parameter, to: change.new)
    case .preset(let state): next.preset = state
    case .adapter(let adapter): next.adapter = adapter
    case .thinking(let thinking): self.thinking = thinking
    case .takenBack, .pinned, .forgotten, .other: break
    }
  }

  /// What an answer is made with: what its own record says, or in older records what is set as it begins.
  package func settings(of turn: TurnRecord) -> AnswerSettings { turn.made ?? next }
}

extension SessionRecord {
  /// What its first answer is made with, if nothing is changed before.
  public var settings: AnswerSettings {
    AnswerSettings(policy: policy, sampler: sampler, adapter: adapter)
  }
}
