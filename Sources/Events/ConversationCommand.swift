/// What a person asks for that has to do with the conversations that are kept.
package enum ConversationCommand: Hashable, Sendable {
  /// Say in lines of text which there are, or in which all of these words were said.
  case list(String)
  /// Tell the screen the same.
  case find(String)
  /// Go on with another one: its id or the beginning of it.
  case resume(String)
  /// Give one another name, then tell the screen what was looked for.
  case rename(id: String, to: String, thenFind: String)
  /// Delete one, then tell the screen what was looked for.
  case delete(id: String, thenFind: String)
  /// Go on with a copy from here, perhaps under a name; the conversation of before stays as it is.
  case branch(String?)
}

extension SessionCommand {
  /// Whether it puts another conversation in the place of this one.
  package var bringsBack: Bool {
    switch self {
    case .load, .conversations(.resume): true
    default: false
    }
  }
}
