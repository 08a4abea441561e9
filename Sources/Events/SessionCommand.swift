package import Dials
package import Techniques

/// What a person asks a session for, beside messages.
///
/// A setting whose notation depends on what is in force is carried as it was typed: the session, which
/// knows that, reads it.
package enum SessionCommand: Hashable, Sendable {
  // MARK: Settings

  /// The exit policy as typed: `off`, `fixed 12`, `top1 .8 at 10,20` ...
  case exitPolicy(String)
  case mode(ExitMode)
  case preset(Preset)
  /// An adapter's file, or nil for none.
  case adapter(String?)
  /// The draft setting as typed: `auto`, `off`, `ngram,recycle 8` ...
  case draft(String)
  /// The reach setting as typed: `1024`, `off`, `sliding 512` ...
  case window(String)
  /// The share of big feed-forwards as typed: `80%`, `off`.
  case budget(String)
  /// What is wanted of the model's reasoning.
  case think(Thinking)
  /// The blocks to leave out.
  case prune(BlockSet)
  /// Leave out the first so many blocks of the model's own search.
  case pruneFirst(Int)
  /// The same, and repair what is left.
  case repairFirst(Int)
  /// A number and its value as typed.
  case set(Parameter, to: String)

  // MARK: The conversation

  /// Set the instructions and begin afresh.
  case system(String)
  case clear
  /// Answer the last message again, with the next seed.
  case regenerate
  /// Go on with the last answer where it stopped.
  case continueAnswer
  /// Answer again with the same seed, and say what the settings changed.
  case compare

  /// Go on with another model, named as on the command line.
  case model(String)

  /// Something about single turns, or about the conversation's text.
  case turns(TurnCommand)

  // MARK: Blocks and files

  /// Say in lines of text what is known of the blocks.
  case listBlocks
  /// Measure what each block costs.
  case measureBlocks
  /// Write the model without blocks as a file; without those left out now and under a name of the
  /// program's choice where nothing else is said.
  case export(BlockSet?, to: String?, replaces: Bool = false)
  /// Write the session's records as a file; over one that is there already where `replaces` says so.
  case save(to: String, replaces: Bool = false)
  case load(from: String)
  /// Something about the conversations that are kept.
  case conversations(ConversationCommand)
  /// Mark this place of the session, with a note.
  case mark(String)
}
