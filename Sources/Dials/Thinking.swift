/// What is wanted of a model's reasoning, the part of an answer between `<think>` and `</think>`.
public enum Thinking: String, Hashable, CaseIterable, Sendable {
  /// The model may think; what it thinks is folded on the screen.
  case on
  /// The model is told not to think, if its template has a word for that.
  case off
  /// The model may think; what it thinks is not shown.
  case hide

  /// Whether the model may think.
  package var isAllowed: Bool { self != .off }

  /// The words for the setting, as options and commands take them.
  package static let usage = allCases.map(\.rawValue).joined(separator: " | ")
}
