/// What a person asks of single turns of the conversation, or of its text. A turn is a question with its
/// answer; turns are counted from 1.
package enum TurnCommand: Hashable, Sendable {
  /// What the clipboard gets.
  package enum Source: Hashable, Sendable {
    /// The answer of a turn; nil: the last one.
    case answer(turn: Int?)
    /// A block of code in the last answer that has some; nil: its last one.
    case code(number: Int?)
  }

  /// What is shown of model and settings.
  package enum Topic: String, Hashable, CaseIterable, Sendable {
    /// The model's file.
    case info
    /// What the next answer is made with.
    case parameters
    /// The instructions.
    case system
    /// The chat template of the model's file.
    case template
    /// The licence of the model.
    case license
  }

  /// Take back the last question with its answer.
  case undo
  /// Take back a question with all that follows, to be written anew; nil: the last one.
  case edit(turn: Int?)
  /// Put a file's text in front of the next message; nil: put nothing there.
  case read(path: String?)
  /// Put text on the terminal's clipboard.
  case copy(Source)
  /// Write the conversation as a file, in the form that its ending names; over one that is there already
  /// where `replaces` says so.
  case export(to: String, replaces: Bool)
  /// Say how something stands.
  case show(Topic)
  /// Keep a turn in sight, whatever is forgotten; nil: the last one.
  case pin(turn: Int?)
  /// Let it leave like the others; nil: all of them.
  case unpin(turn: Int?)
}
