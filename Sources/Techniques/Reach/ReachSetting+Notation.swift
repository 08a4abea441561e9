public import Dials

extension ReachSetting {
  /// The notation in one line, for help texts and remedies.
  public static let notation: String = {
    let numbers = Catalogue.reaches.filter(\.isNumber).map { "[\($0.word) N]" }
    return "off, 1024, or \(techniqueWords.joined(separator: " | ")) 1024 "
      + "\(numbers.joined(separator: " ")) [\(distanceWords.joined(separator: " | "))] [turns]"
  }()

  /// The techniques that people can ask for.
  public static let techniqueWords = Catalogue.reaches.filter { $0.technique != nil }.map(\.word)

  /// The distances that people can ask for.
  public static let distanceWords = Catalogue.reaches.filter { $0.distance != nil }.map(\.word)

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
    let words = Catalogue.reaches.compactMap { $0.notation(of: self) }
    return (["\(technique.rawValue) \(window)"] + words).joined(separator: " ")
  }

  /// What was said of a setting.
  private struct Notes {
    var technique: Technique?
    var distance: Distance?
    var turns: Bool?
    var numbers: [String: Int] = [:]

    /// Takes in one word, and the number after it where it has one; false when it is none of them.
    mutating func take(_ word: String, rest: inout ArraySlice<String>) -> Bool {
      if let number = Int(word) { return note(number, as: "window") }
      switch Catalogue.reaches.first(where: { $0.word == word })?.kind {
      case .technique(let technique): self.technique = technique
      case .distance(let distance, _): self.distance = distance
      case .turns: turns = true
      case .number:
        guard let number = rest.popFirst().flatMap({ Int($0) }) else { return false }
        return note(number, as: word)
      case nil: return false
      }
      return true
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
        memory: numbers["memory"] ?? (isSame && technique == .sirllm ? base.memory : 512),
        turns: turns ?? (isSame && base.turns))
    }
  }
}

extension ReachSetting: CustomStringConvertible {
  /// What a person reads: `off`, `lambda 2048, 16 sinks`.
  public var description: String {
    guard isLimited else { return "off" }
    return "\(technique.rawValue) \(window)"
      + Catalogue.reaches.compactMap { $0.label(of: self) }.joined()
  }
}

extension ReachTechnique {
  fileprivate var technique: ReachSetting.Technique? {
    if case .technique(let technique) = kind { technique } else { nil }
  }

  fileprivate var distance: ReachSetting.Distance? {
    if case .distance(let distance, _) = kind { distance } else { nil }
  }

  fileprivate var isNumber: Bool {
    if case .number = kind { true } else { false }
  }
}
