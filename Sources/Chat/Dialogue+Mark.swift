import Events
import Inference

extension Dialogue {
  /// A mark before the next message, with a note.
  func mark(_ text: String, tNs: Int) -> Record {
    .mark(MarkRecord(turn: conversation.nextTurn, text: text, tNs: tNs))
  }
}
