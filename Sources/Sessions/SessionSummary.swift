/// One conversation in a list of conversations.
package struct SessionSummary: Hashable, Sendable {
  /// Identifies the session; a UUID.
  package var id: String
  /// When it began, RFC 3339.
  package var started: String
  /// The name of the model's file.
  package var model: String
  /// The beginning of the first thing that the person said; empty when nothing was said.
  package var title: String
  /// How many messages the person sent.
  package var turnCount: Int
  /// How many tokens the model answered, rejected drafts not counted.
  package var tokenCount: Int
}
