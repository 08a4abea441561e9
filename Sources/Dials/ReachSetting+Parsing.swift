extension ReachSetting {
  /// The notation in one line, for help texts and remedies.
  public static let notation =
    "off, 1024, or lambda | sliding | sirllm 1024 [sinks N] [lookups N] [memory N] "
    + "[capped | cache-index]"

  /// Reads the notation of `--window` and `/window`. What is not named stays as in `current`, where
  /// that is limited, or as usual.
  public static func parse(
    _ text: String, current: ReachSetting = .full
  ) throws(DialError) -> ReachSetting {
    let words = text.lowercased().split { $0.isWhitespace || $0 == "," }.map(String.init)
    if words == ["off"] || words == ["full"] { return .full }
    var notes = Notes()
    var rest = words[...]
    while let word = rest.popFirst() {
      guard notes.take(word, rest: &rest) else {
        throw DialError(
          .notation, typed: text, problem: "this is not a window", remedy: "Write \(notation)")
      }
    }
    guard !words.isEmpty else {
      throw DialError(
        .notation, typed: text, problem: "nothing is said", remedy: "Write \(notation)")
    }
    let setting = notes.setting(from: current)
    try setting.validate()
    return setting
  }

  /// The setting as `parse` reads it back: `off`, `lambda 2048 sinks 16`.
  public var spelling: String {
    guard isLimited else { return "off" }
    var words = ["\(technique.rawValue) \(window)"]
    if technique != .sliding { words.append("sinks \(sinks)") }
    if lookups > 0 { words.append("lookups \(lookups)") }
    if technique == .sirllm { words.append("memory \(memory)") }
    if distance != .capped { words.append(distance.rawValue) }
    return words.joined(separator: " ")
  }

  /// What was said of a setting.
  private struct Notes {
    var technique: Technique?
    var distance: Distance?
    var numbers: [String: Int] = [:]

    /// Takes in one word, and the number after it where it has one; false when it is none of them.
    mutating func take(_ word: String, rest: inout ArraySlice<String>) -> Bool {
      if let number = Int(word) { return note(number, as: "window") }
      if let technique = Technique(rawValue: word), technique != .full {
        self.technique = technique
        return true
      }
      if let distance = Distance(rawValue: word) {
        self.distance = distance
        return true
      }
      guard ["sinks", "lookups", "memory"].contains(word),
        let number = rest.popFirst().flatMap({ Int($0) })
      else { return false }
      return note(number, as: word)
    }

    private mutating func note(_ number: Int, as name: String) -> Bool {
      numbers.updateValue(number, forKey: name) == nil
    }

    func setting(from current: ReachSetting) -> ReachSetting {
      let usual = ReachSetting(.lambda)
      let base = current.isLimited ? current : usual
      let technique = technique ?? base.technique
      let isSame = technique == base.technique
      let window = numbers["window"] ?? base.window
      return ReachSetting(
        technique, window: window,
        sinks: numbers["sinks"] ?? min(isSame ? base.sinks : usual.sinks, max(0, window)),
        distance: distance ?? base.distance,
        lookups: numbers["lookups"] ?? (isSame ? base.lookups : 0),
        memory: numbers["memory"] ?? (isSame && technique == .sirllm ? base.memory : 512))
    }
  }
}
