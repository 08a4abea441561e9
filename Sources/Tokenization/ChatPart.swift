/// A part of a rendered conversation.
enum ChatPart: Hashable, Sendable {
  /// A marker: a control token where the vocabulary has one of this text, plain text elsewhere.
  case marker(String)
  /// Text that the file's own template wrote: every spelling of a control token in it is one.
  case template(String)
  /// Text of the template or of a message: never a control token.
  case text(String)
  /// A border that no token reaches across, so that what comes before keeps its tokens whatever
  /// follows. Stands at the end of each message and around each answer.
  case seam

  /// The text of a marker; nil for anything else.
  var marker: String? { if case .marker(let text) = self { text } else { nil } }

  /// What it looks like.
  var text: String {
    switch self {
    case .marker(let text), .template(let text), .text(let text): text
    case .seam: ""
    }
  }
}
