import Dials
import Events
import TestSupport
import Testing

/// What records say of a model's reasoning.
struct ThinkingRecordTests {
  private func settings(after changes: [ParameterRecord]) -> SettingsInForce {
    var generator = SeededGenerator(seed: 1)
    var settings = SettingsInForce(SessionRecord.random(using: &generator))
    for change in changes { settings.apply(change) }
    return settings
  }

  @Test func `the setting is the newest that a record tells, on at first`() {
    #expect(settings(after: []).thinking == .on)
    let hidden = ParameterRecord.thinking(from: .on, to: .hide, tNs: 1)
    #expect(hidden.change == .thinking(.hide) && hidden.key == "think" && hidden.new == "hide")
    #expect(settings(after: [hidden]).thinking == .hide)
    let newer = ParameterRecord(key: "think", old: "hide", new: "aloud", tNs: 2)
    #expect(settings(after: [hidden, newer]).thinking == .hide)
  }

  @Test func `it outlives another model, and no other setting changes with it`() {
    var generator = SeededGenerator(seed: 2)
    let other = SessionRecord.random(using: &generator)
    let hidden = ParameterRecord.thinking(from: .on, to: .hide, tNs: 1)
    let goesOn = ParameterRecord.goesOn(from: "a", as: other, tNs: 2)
    #expect(settings(after: [hidden, goesOn]).thinking == .hide)
    #expect(settings(after: [hidden]).next == settings(after: []).next)
  }

  @Test func `how it is shown changes at once, whether the model thinks with the next answer`() {
    let all = Thinking.allCases
    for old in all {
      for new in all {
        let change = ParameterRecord.thinking(from: old, to: new, tNs: 1)
        #expect(change.isForNextAnswer == (old == .off || new == .off))
      }
    }
    #expect(ParameterRecord(key: "draft", old: "on", new: "hide", tNs: 1).isForNextAnswer)
  }

  @Test func `parts in a row are the text without its marks`() {
    var reply = ReplyParts()
    let open = reply.append(
      .turn(TurnRecord(turn: 1, role: .assistant, text: "a</th", opensThought: true, tNs: 0)))
    #expect(open.text == "a</th" && open.parts == [.reasoning("a")] && open.beginsThought)
    #expect(reply.isThinking)
    let begun = reply.append(
      .turn(TurnRecord(turn: 1, role: .assistant, text: "<think>b</think>c", tNs: 0)))
    #expect(begun.parts == [.reasoning("b"), .answer("c")] && begun.said == "c")
    #expect(begun.beginsThought && !reply.isThinking)
  }
}
