/// Which model a conversation is with, as a person named it.
package struct ModelReference: Hashable, Sendable {
  /// The model's file or name; nil for the default model.
  package var model: String?
  /// The adapter's file, or `none`; nil for what came with the program.
  package var adapter: String?
  /// The draft head's file, or `none`; nil for what came with the program.
  package var draftHead: String?
  /// The file of small feed-forwards, or `none`; nil for what came with the program.
  package var duo: String?
  /// Positions the conversation may use; nil for the usual number.
  package var contextLength: Int?

  /// A model by its name.
  package init(
    model: String? = nil, adapter: String? = nil, draftHead: String? = nil, duo: String? = nil,
    contextLength: Int? = nil
  ) {
    self.model = model
    self.adapter = adapter
    self.draftHead = draftHead
    self.duo = duo
    self.contextLength = contextLength
  }
}
