package import Events

extension Aside {
  /// What a conversation in lines of text says of it; nil where that is nothing.
  package var inLines: Notice? {
    switch self {
    case .notice(let notice): notice
    case .compose(let text): Notice(.information, "Taken back. You had said: \(text)")
    case .progress, .blockFacts, .conversations, .copy: nil
    }
  }
}
