public import Dials
public import Techniques

extension ParameterRecord {
  /// What changed, for who acts on it: the record's texts as values.
  public enum Change: Hashable, Sendable {
    /// A number of `/set`.
    case parameter(Parameter)
    /// Another preset is in force, or its certificate holds for something else.
    case preset(PresetState)
    /// Another adapter is in use, or none.
    case adapter(SessionRecord.Adapter?)
    /// Something else is wanted of the model's reasoning.
    case thinking(Thinking)
    /// Something else: the dials say what.
    case other
  }

  /// What changed.
  public var change: Change {
    if let parameter = Parameter(rawValue: key) { return .parameter(parameter) }
    return switch key {
    case Self.presetKey: .preset(PresetState(parsing: new))
    case Self.adapterKey: .adapter(adapter)
    case Self.thinkKey: Thinking(rawValue: new).map(Change.thinking) ?? .other
    default: .other
    }
  }

  /// Another preset, or another state of its certificate.
  public static func preset(
    from old: PresetState, to new: PresetState, policy: DialSettings? = nil, tNs: Int
  ) -> ParameterRecord {
    ParameterRecord(
      key: presetKey, old: "\(old)", new: "\(new)", policy: policy, tNs: tNs)
  }

  /// Another adapter, or none.
  public static func adapter(
    from old: SessionRecord.Adapter?, to new: SessionRecord.Adapter?, policy: DialSettings,
    tNs: Int
  ) -> ParameterRecord {
    ParameterRecord(
      key: adapterKey, old: old?.name ?? "off", new: new?.name ?? "off", policy: policy,
      adapter: new, tNs: tNs)
  }

  /// A number of `/set` with the words for its values.
  public static func parameter(
    _ parameter: Parameter, from old: String, to new: String, tNs: Int
  ) -> ParameterRecord {
    ParameterRecord(key: parameter.rawValue, old: old, new: new, tNs: tNs)
  }

  /// Something else is wanted of the model's reasoning.
  public static func thinking(
    from old: Thinking, to new: Thinking, tNs: Int
  ) -> ParameterRecord {
    ParameterRecord(key: thinkKey, old: old.rawValue, new: new.rawValue, tNs: tNs)
  }

  /// Whether the answer on the screen stays as it is: a change is for the next one. How reasoning is shown
  /// changes at once.
  package var isForNextAnswer: Bool {
    guard key == Self.thinkKey else { return true }
    return [old, new].contains(Thinking.off.rawValue)
  }

  /// A session that goes on from the records of another one.
  public static func goesOn(
    from old: String, as session: SessionRecord, tNs: Int
  ) -> ParameterRecord {
    ParameterRecord(key: sessionKey, old: old, new: session.id, session: session, tNs: tNs)
  }

  private static let sessionKey = "session"
  private static let presetKey = "preset"
  private static let adapterKey = "adapter"
  private static let thinkKey = "think"
}
