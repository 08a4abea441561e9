import Dials
import Techniques

/// A dial that a person turns, by its name in the record.
enum Dial: String {
  case exitPolicy = "exit-policy"
  case mode
  case draft
  case window
  case prune
  case budget
  case think
}

extension Dialogue {
  /// How a dial stands, in the words that the record has for it.
  func words(for dial: Dial) -> String {
    switch dial {
    case .exitPolicy: settings.exit.words
    case .mode: settings.mode.rawValue
    case .draft: settings.draft.words
    case .window: "\(dials.reach)"
    case .prune: settings.pruned.words
    case .budget: "\(settings.budget)"
    case .think: settings.thinking.rawValue
    }
  }
}
