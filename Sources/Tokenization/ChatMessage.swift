/// One message of a conversation.
package struct ChatMessage: Hashable, Codable, Sendable {
  /// Who speaks.
  package enum Role: String, Hashable, Codable, Sendable {
    /// Says how the model has to behave.
    case system
    /// The person.
    case user
    /// The model.
    case assistant
  }

  /// Who speaks.
  package var role: Role
  /// What is said. Always text: markers in it do not steer the model.
  package var content: String

  /// A message.
  package init(_ role: Role, _ content: String) {
    self.role = role
    self.content = content
  }
}
