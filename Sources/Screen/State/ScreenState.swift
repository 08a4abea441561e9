import Dials
package import Events
package import Techniques

/// Everything the screen shows: a fold over records and keys.
///
/// A value with one entry, ``update(_:)``. It never draws and never waits; the same messages give the
/// same state, with an engine, from a file or in a test.
package struct ScreenState: Hashable, Sendable {
  /// What the screen is used for.
  package enum Stage: Hashable, Sendable {
    /// A conversation with a model.
    case chat
    /// The records of this file, without a model.
    case replay(file: String)
  }

  /// A token with what is known about it.
  package typealias TokenEntry = TokenShelf.Entry

  /// What lies over the conversation.
  package enum Overlay: Hashable, Sendable {
    /// Keys and commands, from this line on.
    case help(from: Int)
    /// The token with this number (``TokenShelf/range``).
    case inspector(token: Int)
    /// Blocks to mark.
    case pruning(PruneEditor)
    /// Conversations to go on with.
    case conversations(ConversationsBoard)
    /// The last answer beside the next one (``ScreenState/comparison``).
    case comparison
    /// Other thresholds for the last answer.
    case whatIf(WhatIf)
  }

  /// What the screen is used for.
  package let stage: Stage
  /// The names that /theme completes.
  package let themes: [String]
  /// The terminal's size.
  package internal(set) var rows = 24
  /// The terminal's size.
  package internal(set) var columns = 80

  /// What runs; nil before the first record.
  package internal(set) var session: SessionRecord?
  /// What is set for the next answer; nil before the first record.
  package internal(set) var force: SettingsInForce?
  /// What is known of the model's blocks, if anything is.
  package internal(set) var blockFacts: BlockFacts?
  /// The conversation.
  package internal(set) var passages: [Passage] = []
  /// How it is shown.
  package internal(set) var look = TextLook()
  /// What the model thinks, in it.
  package internal(set) var thoughts = Thoughts()
  /// The messages that are out of the model's sight.
  package internal(set) var forgotten = NumberSet([])
  /// Columns of a line of the conversation.
  private(set) var textColumns = 0
  /// The newest tokens, with what was found out about them.
  package internal(set) var shelf = TokenShelf()
  /// What the newest answer adds up to.
  package internal(set) var tally: AnswerTally?
  /// The last answer beside the next one, once somebody compared them.
  package internal(set) var comparison: Comparison?
  /// Positions of the context in use.
  package internal(set) var contextUsed = 0
  /// Whether an answer was asked for and has not ended.
  package internal(set) var isAnswering = false

  /// What a person is writing.
  package internal(set) var editor: InputEditor
  /// The first line shown when a person has scrolled up; nil follows the end.
  package internal(set) var scrollTop: Int?
  /// What lies over the conversation.
  package internal(set) var overlay: Overlay?
  /// What is shown beside the conversation, and how.
  package internal(set) var choices = ViewChoices()
  /// A word about the last key; gone with the next.
  package internal(set) var hint: String?
  /// Work that a person waits for.
  package internal(set) var progress: Progress?
  /// What the first screen offers.
  package internal(set) var welcome = Welcome()
  /// Whether a replay has shown everything.
  package internal(set) var hasReplayEnded = false
  /// Tokens a second that are shown at most; nil: as they come.
  package internal(set) var slowMotion: Double?

  /// An empty screen. `history` is what was sent in earlier sessions, oldest first.
  package init(stage: Stage = .chat, history: [String] = [], themes: [String] = []) {
    self.stage = stage
    self.themes = themes
    editor = InputEditor(history: history)
    fit()
  }

  /// What was sent, oldest first: keep it for the next session.
  package var history: [String] { editor.history }

  /// Blocks of the model; nil when no model is known.
  package var blockCount: Int? { session?.model.nLayer }

  /// What is set for the next answer.
  package var next: AnswerSettings { force?.next ?? AnswerSettings(policy: .plain) }

  /// What the answer on the screen is made with: tag, title and numbers speak of it. Before the first
  /// answer, what is set for it.
  package var shown: AnswerSettings { tally?.settings ?? next }

  /// The dials of the answer on the screen.
  package var policy: DialSettings { shown.policy }

  /// What will be different with the next answer, in words; nil where nothing will.
  package var pending: String? {
    guard let tally, tally.settings != next else { return nil }
    let tag = next.contract == tally.settings.contract ? [] : [next.contract.words]
    return (next.differences(from: tally.settings) + tag).joined(separator: ", ")
  }

  /// The numbers in words.
  package var statistics: Statistics {
    Statistics(tally: tally, next: next, blockCount: blockCount, load: session?.load)
  }

  /// The newest tokens, oldest first.
  package var tokens: [TokenEntry] { shelf.entries }

  /// The token of this number, if it is still kept.
  package func token(_ number: Int) -> TokenEntry? { shelf[number] }

  /// Takes in what happened and answers what is to be done about it.
  package mutating func update(_ message: Message) -> [Action] {
    switch message {
    case .record(let record): apply(record)
    case .key(let key):
      let actions = press(key)
      fit()
      return actions
    case .resized(let rows, let columns):
      (self.rows, self.columns) = (max(0, rows), max(0, columns))
      scrollTop = nil
      fit()
    case .notice(let notice): say(notice)
    case .progress(let progress): self.progress = progress
    case .blockFacts(let facts): blockFacts = facts
    case .conversations(let found): ConversationsBoard.take(found, in: &self)
    case .welcome(let welcome): self.welcome = welcome
    case .input(let text): editor.replace(with: text, isSame: true)
    case .copy(let text): hint = Clipboard.words(for: text)
    case .replayEnded: hasReplayEnded = true
    }
    return []
  }

  /// Breaks lines anew for the size of the screen: those of the conversation that can be seen, the others when
  /// somebody scrolls.
  mutating func fit() {
    editor.resize(columns: PromptView.textColumns(width: columns))
    let columns = TranscriptView.textColumns(width: Layout(of: self).transcript.columns)
    if columns != textColumns { for index in passages.indices { passages[index].unwrap() } }
    textColumns = columns
    wrapPassages(lines: rows)
  }

  /// Finds out where the lines of the newest passages begin, of so many lines in all.
  mutating func wrapPassages(lines: Int) {
    var count = 0
    for index in passages.indices.reversed() where count < lines {
      passages[index].wrap(width: textColumns)
      count += passages[index].lineCount
    }
  }

  /// Adds a passage behind the last.
  mutating func append(_ passage: Passage) {
    passages.append(passage)
    passages[passages.count - 1].show(raw: look.isRaw)
    passages[passages.count - 1].wrap(width: textColumns)
  }

  /// Puts the program's own words into the conversation.
  mutating func say(_ notice: Notice) {
    append(Passage(.notice(notice.kind), notice.text))
    // The editor hides the conversation.
    if overlay?.hidesConversation == true {
      hint = notice.text.split(separator: "\n").first.map(String.init)
    }
    // An answer that never began has no end either.
    if notice.kind == .error, tally == nil || tally?.end != nil { isAnswering = false }
  }
}

extension ScreenState.Overlay {
  /// Whether nothing of the conversation can be seen.
  var hidesConversation: Bool {
    switch self {
    case .pruning, .comparison, .whatIf, .conversations: true
    case .help, .inspector: false
    }
  }
}
