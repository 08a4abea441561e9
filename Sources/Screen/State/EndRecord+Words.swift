package import Events

extension EndRecord {
  /// What it means that an answer ended for want of context.
  static let fullContext =
    "The context is full. The next answer sees its end only (/window says how much), unless "
    + "windows were turned off; /clear begins afresh."

  /// How a conversation goes on with an answer that was stopped because it runs in a circle.
  package static let wayOn =
    "/continue goes on; another temperature or repeat_penalty may lead out."

  /// That an answer ended for a reason of a newer version, in its own word.
  var unknownReason: String { "Stopped: \(reason.rawValue)" + (message.map { ". \($0)" } ?? ".") }

  /// `why` the answer ended, what more its record says, and `then`.
  func saying(_ why: String = "", then: String = "") -> String {
    let circle = reason == .circle ? "The text runs in a circle." : ""
    return [why, message ?? circle, then].filter { !$0.isEmpty }.joined(separator: " ")
  }

  /// What a person is told of it on the screen; nil where that is nothing.
  func notice(in stage: ScreenState.Stage) -> Notice? {
    switch reason {
    case .stop: nil
    case .length:
      Notice(.information, saying("The limit on new tokens is reached (num_predict)."))
    case .interrupt: Notice(.information, saying("Stopped."))
    case .context: Notice(.warning, saying(Self.fullContext))
    case .circle:
      Notice(.warning, stage == .chat ? saying(then: Self.wayOn) : saying())
    case .error: Notice(.error, message ?? "The answer failed.")
    default: Notice(.information, unknownReason)
    }
  }
}
