package import Dials
package import Techniques

/// A setting under a name, as `bench --instruct` compares them.
package struct InstructSetting: Hashable, Sendable {
  /// What a report calls it.
  package var name: String
  /// The setting.
  package var dials: DialSettings
  /// Whether exits are the adapter's; else they look through the model's own norm and head.
  package var usesAdapter = true

  /// How a person writes one.
  package static let notation =
    "top1 0.8 at 20,25; short 0.7; catch-up; budget 80%; draft auto (each part may be left out)"

  /// Full depth.
  package static let dense = InstructSetting(name: "full depth", dials: DialSettings(draft: .off))

  /// Full depth, with guesses that it verifies.
  package static let guessing = InstructSetting(
    name: "full depth, guesses", dials: DialSettings(draft: .auto))

  /// A setting under a name.
  package init(name: String, dials: DialSettings, usesAdapter: Bool = true) {
    self.name = name
    self.dials = dials
    self.usesAdapter = usesAdapter
  }

  /// Reads `exit; short P; fill; budget P`, in any order, for a model of `blockCount` blocks whose adapter has
  /// these exits.
  package init(_ text: String, blockCount: Int, exits: [Int]) throws(DialError) {
    var dials = DialSettings(mode: .approximate, draft: .off, fill: .catchUp)
    for part in text.split(separator: ";") {
      let words = part.split(separator: " ").map(String.init)
      if let fill = FillPolicy(rawValue: words.joined()) {
        dials.fill = fill
      } else if words.first == "short" {
        guard words.count == 2, let threshold = Float(words[1]) else {
          throw DialError(
            .notation, typed: text, problem: "this is not a threshold for the short head",
            remedy: "Write \(Self.notation)")
        }
        dials.shortHead = threshold
      } else if words.first == "budget" {
        dials.budget = try BudgetSetting.parse(words.dropFirst().joined())
      } else if words.first == "draft" {
        dials.draft = try DraftSetting.parse(words.dropFirst().joined(separator: " "))
      } else {
        dials.exit = try ExitSetting.parse(
          words.joined(separator: " "), blockCount: blockCount, exits: exits)
      }
    }
    // An exit asks the short head where one is named at all.
    if dials.exit != .off, dials.shortHead == nil { dials.shortHead = 1 }
    try dials.validate(blockCount: blockCount)
    self.init(name: text, dials: dials)
  }

  /// The same without guesses.
  package var alone: InstructSetting {
    var setting = self
    setting.dials.draft = .off
    setting.name += ", no guesses"
    return setting
  }

  /// The same with other keys and values behind an exit, and without guesses.
  package func filled(by fill: FillPolicy) -> InstructSetting {
    var setting = self
    setting.dials.fill = fill
    setting.dials.draft = .off
    setting.name += ", \(fill.rawValue)"
    return setting
  }

  /// The same exits as drafts that full depth verifies.
  package var verified: InstructSetting {
    var setting = self
    setting.dials.mode = .identical
    setting.dials.draft = .exits
    setting.name += ", verify"
    return setting
  }
}

extension InstructSetting {
  /// `settings` with what they are to be compared with: guesses at full depth, each without guesses, and
  /// the central one with other keys and values behind an exit, as drafts, and without the adapter. The
  /// central one is called `balanced`, or is the first.
  package static func comparisons(of settings: [InstructSetting]) -> [InstructSetting] {
    guard let central = settings.first(where: { $0.name == "balanced" }) ?? settings.first else {
      return []
    }
    var all = [guessing] + settings
    all += all.filter { $0.dials.mode == .approximate && $0.dials.draft != .off }.map(\.alone)
    all += FillPolicy.allCases.filter { $0 != central.dials.fill }.map { central.filled(by: $0) }
    if central.dials.exit != .off {
      all.append(central.verified)
      all.append(
        InstructSetting(
          name: "raw lens", dials: central.dials.fullHead(threshold: 0.9), usesAdapter: false))
    }
    return all
  }

  private static let guesses = "guesses of several tokens"

  /// All that differs from full depth.
  package var words: String {
    if dials.contract == .identical, dials.exit == .off {
      return "every block and the whole head" + (dials.draft == .off ? "" : ", \(Self.guesses)")
        + (usesAdapter ? "" : " of the model without its adapter")
    }
    var parts = [dials.exit.description]
    if let shortHead = dials.shortHead { parts.append("short head \(shortHead)") }
    if dials.budget.isOn { parts.append("a budget of \(dials.budget) big feed-forwards") }
    parts.append(
      dials.mode == .identical ? "drafts that full depth verifies" : dials.fill.rawValue)
    if dials.mode == .approximate, dials.draft.hasBranches { parts.append(Self.guesses) }
    if !usesAdapter { parts.append("through the model's own norm and head") }
    return parts.joined(separator: ", ")
  }
}

extension DialSettings {
  /// The same depths, by the probability among the whole vocabulary.
  fileprivate func fullHead(threshold: Float) -> DialSettings {
    var dials = self
    dials.exit = .confidence(
      measure: .top1, points: exit.depths.map { ExitPoint(depth: $0, threshold: threshold) })
    dials.shortHead = nil
    return dials
  }
}
