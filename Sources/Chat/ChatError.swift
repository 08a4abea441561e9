/// Why a conversation cannot do what it was asked: what is wrong and what to do.
package struct ChatError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong, and what to do.
  package let message: String

  package var description: String { message }

  /// An error with these words.
  package init(_ message: String) { self.message = message }
}
