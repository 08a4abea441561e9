import Events

extension ScreenState {
  /// Does what a key means here.
  mutating func press(_ key: Key) -> [Action] {
    hint = nil
    if case .replay = stage { return pressInReplay(key) }
    if case .pruning(let editor) = overlay, let actions = press(key, in: editor) { return actions }
    if let actions = ConversationsBoard.press(key, in: &self) ?? Comparing.press(key, in: &self)
      ?? Welcome.press(key, in: &self)
    {
      return actions
    }
    if editor.search == nil, moveCursor(key) { return [] }
    if editor.search == nil || key == .control("z"), let actions = pressAnywhere(key) {
      return actions
    }
    switch editor.handle(key) {
    case .sent(let text): return send(text)
    case .edited, .ignored: return []
    }
  }

  /// Keys that mean the same wherever the cursor is; nil when `key` is none of them.
  private mutating func pressAnywhere(_ key: Key) -> [Action]? {
    switch key {
    case .function(1): toggleHelp()
    case .function(2): toggleInspector()
    case .function(3): turnPanel()
    case .alt("t"): toggleThoughts()
    case .function(4):
      guard case .chat = stage else { return nil }
      togglePruning()
    case .function(5): return Comparing.toggle(in: &self)
    case .function(6): Comparing.toggleWhatIf(in: &self)
    case .function(10): return refusesWhileAnswering() ? [] : [.command(.regenerate)]
    case .pageUp: scroll(pages: -1)
    case .pageDown: scroll(pages: 1)
    case .escape: (overlay, scrollTop) = (nil, overlay == nil ? nil : scrollTop)
    case .tab: complete()
    case .control("c"): return interrupt()
    case .control("d") where editor.isEmpty: return [.quit]
    case .control("g"): return [.openEditor(editor.text)]
    case .control("l"): return [.redraw]
    case .control("z"): return [.suspend]
    default: return nil
    }
    return []
  }

  private mutating func pressInReplay(_ key: Key) -> [Action] {
    if let actions = Comparing.press(key, in: &self) { return actions }
    let moves: [Key: Key] = [.scalar("h"): .left, .scalar("l"): .right]
    if moveCursor(choices.entry == nil ? moves[key] ?? key : key) { return [] }
    switch key {
    case .scalar("q"), .control("c"): return [.quit]
    case .scalar("?"): toggleHelp()
    case .left, .right, .scalar("h"), .scalar("l"): toggleInspector()
    case .up: scroll(lines: -1)
    case .down: scroll(lines: 1)
    default: return pressAnywhere(key) ?? []
    }
    return []
  }

  private mutating func interrupt() -> [Action] {
    if isAnswering {
      hint = "stopping"
      return [.interrupt]
    }
    if overlay != nil {
      overlay = nil
    } else {
      editor.replace(with: "")
      hint = "^D leaves, F1 helps"
    }
    return []
  }

  // MARK: - Sending

  private mutating func send(_ text: String) -> [Action] {
    scrollTop = nil
    if SlashCommand.isCommand(text) {
      do {
        return try SlashCommand.parse(text).onScreen(&self)
      } catch {
        say(Notice(.error, error.description))
        // What was hardly meant as a command is still there to be sent.
        if error.code == .unknownCommand, SlashCommand.nearest(to: text) == nil {
          editor.replace(with: text)
        }
        return []
      }
    }
    if refusesWhileAnswering() {
      editor.replace(with: text)
      return []
    }
    isAnswering = true
    if case .help = overlay { overlay = nil }
    return [.submit(text)]
  }

  /// Whether an answer is under way, which the hint says then: something else has to wait.
  mutating func refusesWhileAnswering() -> Bool {
    if isAnswering { hint = "an answer is under way: ^C stops it" }
    return isAnswering
  }

  private mutating func complete() {
    let completion = SlashCommand.completion(of: editor.text, themes: themes)
    if let text = completion.text { editor.replace(with: text) }
    hint = completion.hint
  }

  // MARK: - Looking

  /// Does what a key means to the inspector; false where it means nothing to it, or none is open.
  private mutating func moveCursor(_ key: Key) -> Bool {
    guard let selected else { return false }
    var cursor = WordCursor(at: selected, in: shelf, choices)
    guard cursor.press(key, isWriting: !editor.isEmpty) else { return false }
    (overlay, choices, hint) = (.inspector(token: cursor.number), cursor.choices, cursor.hint)
    return true
  }

  private mutating func toggleInspector() {
    choices.entry = nil
    if selected != nil {
      overlay = nil
    } else if let last = shelf.lastWord {
      overlay = .inspector(token: last)
    } else {
      hint = "no word to look at yet"
    }
  }

  private mutating func toggleHelp() {
    if case .help = overlay { overlay = nil } else { overlay = .help(from: 0) }
  }

  private mutating func scroll(pages: Int) {
    let page = max(1, TranscriptView.rows(of: self, in: Layout(of: self).transcript) - 1)
    if case .help(let line) = overlay {
      let last = max(0, HelpView.lines(width: columns).count - page)
      overlay = .help(from: min(max(0, line + pages * page), last))
    } else {
      scroll(lines: pages * page)
    }
  }

  private mutating func scroll(lines: Int) {
    wrapPassages(lines: .max)
    let area = Layout(of: self).transcript
    let rows = TranscriptView.rows(of: self, in: area)
    let last = max(0, TranscriptView.lineCount(of: self) - rows)
    let top = min(scrollTop ?? last, last) + lines
    scrollTop = top >= last ? nil : max(0, top)
  }
}

extension String {
  func commonPrefix(with other: String) -> String {
    String(zip(self, other).prefix { $0 == $1 }.map(\.0))
  }
}
