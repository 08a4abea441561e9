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
    /// The conversation ends before this message now.
    case takenBack(before: Int)
    /// These turns stay in sight, whatever is forgotten.
    case pinned(NumberSet)
    /// These turns, which are these messages, are out of sight of what comes next.
    case forgotten(turns: NumberSet, messages: NumberSet)
    /// Something else: the dials say what.
    case other
  }

  /// What changed.
  public var change: Change {
    if let parameter = Parameter(rawValue: key) { return .parameter(parameter) }
    return switch key {
    case Self.presetKey: .preset(PresetState(parsing: new))
    case Self.adapterKey: .adapter(adapter)
    case Self.undoKey: Int(new).flatMap { $0 >= 0 ? .takenBack(before: $0) : nil } ?? .other
    case Self.pinKey: NumberSet(parsing: new).map(Change.pinned) ?? .other
    case Self.forgottenKey: Self.forgotten(in: new) ?? .other
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
    if [Self.undoKey, Self.pinKey, Self.forgottenKey].contains(key) { return false }
    guard key == Self.thinkKey else { return true }
    return [old, new].contains(Thinking.off.rawValue)
  }

  /// Messages from `count` on are taken back, of `old` that there were.
  public static func takenBack(of old: Int, before count: Int, tNs: Int) -> ParameterRecord {
    ParameterRecord(key: undoKey, old: "\(old)", new: "\(count)", tNs: tNs)
  }

  /// Other turns stay in sight.
  public static func pinned(from old: NumberSet, to new: NumberSet, tNs: Int) -> ParameterRecord {
    ParameterRecord(key: pinKey, old: "\(old)", new: "\(new)", tNs: tNs)
  }

  /// Other messages are out of sight; the turns that they are, for who reads the record.
  public static func forgotten(
    from old: String, turns: NumberSet, messages: NumberSet, tNs: Int
  ) -> ParameterRecord {
    ParameterRecord(
      key: forgottenKey, old: old,
      new: turns.isEmpty ? "none" : "turns \(turns), messages \(messages)", tNs: tNs)
  }

  /// Reads `turns 3-7, messages 4-13`, or `none`.
  private static func forgotten(in text: String) -> Change? {
    if text == "none" { return .forgotten(turns: NumberSet([]), messages: NumberSet([])) }
    let words = text.replacing(", ", with: " ").split(separator: " ").map(String.init)
    guard words.count == 4, words[0] == "turns", words[2] == "messages",
      let turns = NumberSet(parsing: words[1]), let messages = NumberSet(parsing: words[3])
    else { return nil }
    return .forgotten(turns: turns, messages: messages)
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
  private static let undoKey = "undo"
  private static let pinKey = "pin"
  private static let forgottenKey = "forgotten"
}
