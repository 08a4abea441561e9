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
  /// Conversations that were looked for.
  case conversations(FoundConversations)
  /// What the first screen offers.
  case welcome(Welcome)
  /// The text in the input line is this now (back from an editor).
  case input(String)
  /// This text goes to the terminal's clipboard.
  case copy(String)
  /// The records of a replay have all been shown.
  case replayEnded
}

extension Message {
  /// What a session says beside its records.
  package init(_ aside: Aside) {
    self =
      switch aside {
      case .notice(let notice): .notice(notice)
      case .progress(let progress): .progress(progress)
      case .blockFacts(let facts): .blockFacts(facts)
      case .compose(let text): .input(text)
      case .copy(let text): .copy(text)
      case .conversations(let found): .conversations(found)
      }
  }
}

/// What the screen asks the outside to do.
package enum Action: Hashable, Sendable {
  /// Answer this message.
  case submit(String)
  /// Stop the answer.
  case interrupt
  /// Have the session carry out a command.
  case command(SessionCommand)
  /// Change the colours to those of this theme; never comes out of the loop.
  case theme(String)
  /// Play the lesson of this number; never comes out of the loop.
  case lesson(Int)
  /// Open an editor on this text; answer with ``Message/input(_:)``.
  case openEditor(String)
  /// Stop the process as ^Z does.
  case suspend
  /// Paint everything anew.
  case redraw
  /// Leave.
  case quit
}
