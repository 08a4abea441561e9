import Dials
import Events
import Foundation
import Screen
import Testing

/// Turns that are taken back, pinned, forgotten; the clipboard.
struct TurnViewTests {
  @Test(arguments: [
    ("/undo", TurnCommand.undo), ("/edit", .edit(turn: nil)), ("/edit 3", .edit(turn: 3)),
    ("/read my notes.txt", .read(path: "my notes.txt")), ("/read off", .read(path: nil)),
    ("/read -", .read(path: "-")), ("/export --force a.md", .export(to: "a.md", replaces: true)),
    ("/export b.HTML", .export(to: "b.HTML", replaces: false)),
    ("/show", .show(.info)), ("/show license", .show(.license)), ("/system", .show(.system)),
    ("/pin", .pin(turn: nil)), ("/pin 2", .pin(turn: 2)), ("/unpin", .unpin(turn: nil)),
  ])
  func `commands about turns are read as the table says`(
    line: String, command: TurnCommand
  ) throws {
    #expect(try SlashCommand.parse(line).inLines == .session(.turns(command)))
  }

  @Test(arguments: ["/edit 0", "/edit last", "/pin 1 2", "/copy code x", "/show all", "/read"])
  func `what is no turn and no topic is refused`(line: String) {
    #expect(throws: ScreenError.self) { try SlashCommand.parse(line) }
  }

  @Test(arguments: ["/export talk", "/export talk.txt", "/export md"])
  func `an ending that says nothing is refused with those that do`(line: String) {
    let error = #expect(throws: ScreenError.self) { try SlashCommand.parse(line) }
    for ending in [".md", ".json", ".html", ".gguf"] {
      #expect(error?.description.contains(ending) == true)
    }
  }

  @Test func `on the screen an answer is copied, in lines that cannot be`() throws {
    var state = ScreenState.chat()
    #expect(state.type("/copy\n") == [.command(.turns(.copy(.answer(turn: nil))))])
    #expect(state.type("/copy 2\n") == [.command(.turns(.copy(.answer(turn: 2))))])
    #expect(state.type("/copy code 3\n") == [.command(.turns(.copy(.code(number: 3))))])
    guard case .say(let lines) = try SlashCommand.parse("/copy").inLines else {
      Issue.record("nothing is said")
      return
    }
    #expect(lines.count == 1 && lines[0].contains("/export"))
  }

  @Test func `an answer under way is not taken back`() {
    var state = ScreenState.chat()
    _ = state.type("hi\n")
    #expect(state.type("/undo\n").isEmpty && state.hint?.contains("^C") == true)
  }

  @Test(arguments: [0, 1, 2, 3])
  func `what is taken back leaves the screen with its tokens, and nothing else does`(first: Int) {
    let records = RecordedSession.make()
    var state = ScreenState.chat(records)
    let before = state
    let count = records.count { if case .turn = $0 { true } else { false } }
    let record = ParameterRecord.takenBack(of: count, before: first, tNs: 1)
    _ = state.update(.record(.parameter(record)))
    #expect(state.passages.allSatisfy { ($0.turn ?? -1) < first })
    #expect(state.passages.count < before.passages.count)
    #expect(state.passages == Array(before.passages.prefix(state.passages.count)))
    #expect(state.tokens == before.tokens.filter { $0.record.turn < first })
    #expect(state.contextUsed == state.tokens.last?.record.kv.used ?? 0)
    // A look that comes too late finds nothing to look at.
    for case .probe(let probe) in records { _ = state.update(.record(.probe(probe))) }
    #expect(draw(state).rows > 0)
  }

  @Test func `what was taken back is in the editor`() {
    var state = ScreenState.chat()
    _ = state.update(Message(.compose("why?")))
    #expect(state.editor.text == "why?")
  }

  @Test func `what is forgotten is said and known, until it is in sight again`() {
    var state = ScreenState.chat()
    let some = ParameterRecord.forgotten(
      from: "none", turns: NumberSet(3...7), messages: NumberSet(4...13), tNs: 1)
    _ = state.update(.record(.parameter(some)))
    #expect(state.forgotten == NumberSet(4...13))
    #expect(state.passages.last?.text == "Forgot turns 3 to 7: out of the model's sight.")
    let none = ParameterRecord.forgotten(
      from: some.new, turns: NumberSet([]), messages: NumberSet([]), tNs: 2)
    _ = state.update(.record(.parameter(none)))
    #expect(state.forgotten.isEmpty)
    let pinned = ParameterRecord.pinned(from: NumberSet([1]), to: NumberSet([1, 4]), tNs: 3)
    var plain = PlainRenderer()
    #expect(plain.text(for: .parameter(pinned)) == "Pinned: turns 1 and 4.\n")
    #expect(plain.text(for: .parameter(.takenBack(of: 2, before: 0, tNs: 4))).isEmpty)
    var replay = PlainRenderer(showsUser: true)
    #expect(
      replay.text(for: .parameter(.takenBack(of: 2, before: 0, tNs: 4))).contains("taken back"))
  }

  @MainActor
  @Test func `the clipboard is set by one sequence, inside tmux by two`() async {
    let plain = Clipboard.sequence(for: "é", environment: [:])
    #expect(String(decoding: plain, as: UTF8.self) == "\u{1B}]52;c;w6k=\u{7}")
    let inside = Clipboard.sequence(for: "é", environment: ["TMUX": "/tmp/s,1,0"])
    #expect(
      String(decoding: inside, as: UTF8.self)
        == "\u{1B}]52;c;w6k=\u{7}\u{1B}Ptmux;\u{1B}\u{1B}]52;c;w6k=\u{7}\u{1B}\\")
    let terminal = MemoryTerminal(rows: 24, columns: 80)
    let loop = ScreenLoop(state: ScreenState(), terminal: terminal)
    loop.send(Message(.copy("é")))
    #expect(terminal.events.count == 1 && loop.state.hint?.contains("clipboard") == true)
  }
}
