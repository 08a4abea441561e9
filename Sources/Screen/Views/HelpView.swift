/// Keys and commands, over the conversation.
package enum HelpView {
  /// Keys, and what they do.
  package static let keys: [(String, String)] = [
    ("Enter", "send; after \"\"\" at the start it breaks the line, until \"\"\" ends the text"),
    ("Alt-Enter ^J", "break the line; Shift-Enter does where the terminal tells it apart"),
    ("^C", "stop the answer; with none, clear the line"),
    ("^D", "leave, when the line is empty"),
    ("Up Down ^P ^N", "earlier and later input"),
    ("^R", "search earlier input; again for the next match"),
    ("Tab", "complete a command"),
    ("^A ^E ^B ^F", "to the start, the end, back, forward; Alt-b Alt-f by words"),
    ("^K ^U ^W ^Y", "cut to the end, to the start, a word; put it back"),
    ("^G", "write in $EDITOR"),
    ("PgUp PgDn", "scroll; Esc goes back to the end"),
    (
      "F2",
      "look at a word closely: Left and Right choose it, n and N go to the next that ran every block or "
        + "that the whole model takes another for, Home and End to the first and the last, / searches "
        + "one, g goes to a number, m shows more figures, Esc closes"
    ),
    ("F3", "turn the panel: off, map, reach, guesses"),
    ("Alt-t", "unfold what the model thought; again to fold it"),
    (
      "F4",
      "leave blocks out: Space marks, Enter applies and compares, u undoes, m measures, e exports"
    ),
    ("F5", "compare: answer again, side by side, as it is set now or as the whole model says"),
    ("F6", "what if: slide how sure a word must be to leave; Enter answers again so"),
    ("F10", "answer again"),
    ("^L ^Z", "paint anew; suspend"),
    (
      "Space , . [ ]",
      "in a replay: pause; a word back, on; an answer back, on; m the next mark, + - its speed"
    ),
  ]

  /// Marks of the panel, and what they mean.
  package static let marks: [(String, String)] = [
    ("█ ◆ ·", "the block ran; the word left after this one; spared"),
    ("░", "in the lens, the word was the first choice from this block on"),
    ("▒ - x", "small feed-forward, skipped, cut out of the model"),
    ("~", "the whole model takes another word here; blank: it was not asked"),
    ("ran", "how many blocks ran for the word; blocks are counted from 1"),
    ("sure", "what the exit measured, else the word's probability"),
    (
      "guess",
      "right: guessed, and the model agrees; wrong → fixed: what stands instead; free: came along behind "
        + "right guesses"
    ),
    (
      "words",
      "their colour: where they left, or else from where on the lens knew them; five steps, early to "
        + "late: up to half of the blocks, three quarters, nine tenths, less than all, all"
    ),
    (
      "exits, guesses",
      "an exit saves blocks of one token; a guess lets one pass decide several, at full depth or "
        + "where exits let them go"
    ),
  ]

  static func draw(from first: Int, in area: Area, of frame: inout Frame) {
    for (row, line) in lines(width: area.columns).dropFirst(first).prefix(area.rows).enumerated() {
      frame.write(line, in: area, row: row)
    }
  }

  /// The whole help at this width.
  static func lines(width: Int) -> [[Span]] {
    section("KEYS", keys, width: width) + section("PANEL", marks, width: width)
      + section("COMMANDS", SlashCommand.forms.map { ($0.usage, $0.summary) }, width: width)
  }

  private static func section(
    _ title: String, _ entries: [(String, String)], width: Int
  ) -> [[Span]] {
    var lines = [[Span(" " + title, .title)]]
    let indent = width >= 60 ? 19 : 4
    for (name, text) in entries {
      let rest = Wrapping.lines(of: text, width: max(1, width - indent - 1))
        .map { $0.map(\.text).joined() }
      let isShort = name.count + 3 < indent
      if !isShort { lines.append([Span("  " + name, .prompt)]) }
      for (row, line) in rest.enumerated() {
        let head = isShort && row == 0 ? "  " + name : ""
        let gap = String(repeating: " ", count: indent - head.count)
        lines.append([Span(head, .prompt), Span(gap + line, .text)])
      }
    }
    return lines + [[]]
  }
}
