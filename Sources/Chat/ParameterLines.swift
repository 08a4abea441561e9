import Dials
import Events
import Techniques

/// What the next answer is made with, fact by fact, for a person.
struct ParameterLines {
  /// A setting and its value.
  struct Fact: Hashable {
    let name: String
    let value: String
  }

  /// The settings, those of the sampler first.
  let facts: [Fact]

  /// The facts of settings and the dials that they come to.
  init(_ settings: ChatSettings, _ dials: DialSettings) {
    let numbers = Parameter.allCases.map { Fact(name: $0.rawValue, value: settings.text(of: $0)) }
    let blocks = dials.pruned.isEmpty ? "none" : "\(dials.pruned)"
    facts =
      numbers + [
        Fact(name: "exit-policy", value: settings.exit.words),
        Fact(name: "mode", value: dials.mode.rawValue),
        Fact(name: "draft", value: settings.draft.words),
        Fact(name: "window", value: dials.reach.spelling),
        Fact(name: "prune", value: blocks), Fact(name: "think", value: settings.thinking.rawValue),
      ]
  }
}
