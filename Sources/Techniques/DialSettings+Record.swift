import Dials

/// The settings as a record has them.
extension DialSettings: Codable {
  private enum Key: String, CodingKey {
    case pruned, exit, mode, draftLength, draft, shortHead, fill, reach, budget
  }

  /// Reads settings; those of records that are older than a dial have it at its usual place.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    var unknown: [UnknownDial] = []
    func word<Value: Decodable>(_ key: Key, usual: Value) throws -> Value {
      do {
        return try container.decode(Value.self, forKey: key)
      } catch let word as UnknownWord {
        let content = try container.decode(JSONValue.self, forKey: key)
        unknown.append(UnknownDial(key.stringValue, word.word, content: content))
        return usual
      }
    }
    self.init(
      pruned: try container.decode(BlockSet.self, forKey: .pruned),
      exit: try container.decode(ExitSetting.self, forKey: .exit),
      mode: try word(.mode, usual: .identical),
      draftLength: try container.decode(Int.self, forKey: .draftLength),
      draft: try container.decodeIfPresent(DraftSetting.self, forKey: .draft) ?? .exits,
      shortHead: try container.decodeIfPresent(Float.self, forKey: .shortHead),
      fill: container.contains(.fill) ? try word(.fill, usual: .propagate) : .propagate,
      reach: container.contains(.reach) ? try word(.reach, usual: .full) : .full,
      budget: try container.decodeIfPresent(BudgetSetting.self, forKey: .budget) ?? .whole)
    unknownDials = unknown
    try checkNumbers(NumberCheck(decoder))
  }

  /// Whether they can be run is for `validate` to say; here, that they can be counted with.
  private func checkNumbers(_ check: NumberCheck) throws(ImpossibleValue) {
    try check(NumberCheck.exit, each: "exit.depth", exit.depths)
    try check(NumberCheck.few, ["draft_length": draftLength, "draft.limit": draft.limit])
    try check(
      NumberCheck.count,
      [
        "reach.window": reach.window, "reach.sinks": reach.sinks, "reach.lookups": reach.lookups,
        "reach.memory": reach.memory,
      ])
  }

  /// Writes the same.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    func write(_ value: some Encodable, _ key: Key) throws {
      if let dial = unknownDials.first(where: { $0.name == key.stringValue }) {
        try container.encode(dial.content, forKey: key)
      } else {
        try container.encode(value, forKey: key)
      }
    }
    try container.encode(pruned, forKey: .pruned)
    try container.encode(exit, forKey: .exit)
    try write(mode, .mode)
    try container.encode(draftLength, forKey: .draftLength)
    try container.encode(draft, forKey: .draft)
    try container.encodeIfPresent(shortHead, forKey: .shortHead)
    try write(fill, .fill)
    try write(reach, .reach)
    if budget.isOn { try container.encode(budget, forKey: .budget) }
  }
}
