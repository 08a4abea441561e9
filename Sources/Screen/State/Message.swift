package import Events

/// What can happen to the screen.
package enum Message: Hashable, Sendable {
  /// The engine, or a file that is replayed, says something.
  case record(Record)
  /// A person pressed a key.
  case key(Key)
  /// The terminal has this size.
  case resized(rows: Int, columns: Int)
  /// The program has something to say.
  case notice(Notice)
  /// Something takes its time; nil when it is done.
  case progress(Progress?)
  /// A search found this out about the model's blocks.
  case blockFacts(BlockFacts)
  /// The text in the input line is this now (back from an editor).
  case input(String)
  /// The records of a replay have all been shown.
  case replayEnded
}

/// A line of the program's own in the conversation.
package struct Notice: Hashable, Sendable {
  /// How serious it is.
  package enum Kind: Hashable, Sendable {
    case information
    case warning
    case error
  }

  /// How serious it is.
  package var kind: Kind
  /// What a person reads.
  package var text: String

  /// A notice.
  package init(_ kind: Kind, _ text: String) {
    self.kind = kind
    self.text = text
  }
}

/// Work that a person waits for.
package struct Progress: Hashable, Sendable {
  /// What is being done, such as `reading the prompt`.
  package var label: String
  /// How much of it is done, 0...1; nil when that is not known.
  package var share: Double?

  /// Work in progress.
  package init(_ label: String, share: Double? = nil) {
    self.label = label
    self.share = share
  }
}

/// What the screen asks the outside to do.
package enum Action: Hashable, Sendable {
  /// Answer this message.
  case submit(String)
  /// Stop the answer.
  case interrupt
  /// Carry out a command. `/help`, `/stats`, `/theme` and `/quit` never come out of the loop.
  case command(SlashCommand)
  /// Open an editor on this text; answer with ``Message/input(_:)``.
  case openEditor(String)
  /// Stop the process as ^Z does.
  case suspend
  /// Paint everything anew.
  case redraw
  /// Leave.
  case quit
}
