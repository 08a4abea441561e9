import Dials
import Evaluation
import Techniques

/// A setting under a name, as `bench --instruct` compares them.
struct InstructSetting {
  var name: String
  var dials: DialSettings
  /// Whether exits are the adapter's; else they look through the model's own norm and head.
  var usesAdapter = true

  /// How a person writes one.
  static let notation =
    "top1 0.8 at 20,25; short 0.7; catch-up; draft auto (each part may be left out)"

  /// Full depth.
  static let dense = InstructSetting(name: "full depth", dials: DialSettings(draft: .off))

  /// Full depth, with guesses that it verifies.
  static let guessing = InstructSetting(
    name: "full depth, guesses", dials: DialSettings(draft: .auto))

  /// A setting under a name.
  init(name: String, dials: DialSettings, usesAdapter: Bool = true) {
    self.name = name
    self.dials = dials
    self.usesAdapter = usesAdapter
  }

  /// Reads `exit; short P; fill`, in any order, for a model of `blockCount` blocks whose adapter has
  /// these exits.
  init(_ text: String, blockCount: Int, exits: [Int]) throws(DialError) {
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
  var alone: InstructSetting {
    var setting = self
    setting.dials.draft = .off
    setting.name += ", no guesses"
    return setting
  }

  /// The same with other keys and values behind an exit, and without guesses.
  func filled(by fill: FillPolicy) -> InstructSetting {
    var setting = self
    setting.dials.fill = fill
    setting.dials.draft = .off
    setting.name += ", \(fill.rawValue)"
    return setting
  }

  /// The same exits as drafts that full depth verifies.
  var verified: InstructSetting {
    var setting = self
    setting.dials.mode = .identical
    setting.dials.draft = .exits
    setting.name += ", verify"
    return setting
  }
}
