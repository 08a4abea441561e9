import Events
import Foundation
import Lessons
import Testing

/// The text of a lesson, line by line.
struct LessonTests {
  static let text = """
    # A comment.
    title Early words
    about Some leave early.
    type /preset balanced
    type What is the capital of Australia?
    lens
    pace 5
    say Watch.
      It goes on here.

      And a new part.
    play word 1.2
    look 1.2
    ask Why?
    look off
    play end
    reveal Because {word 1.2} is easy.
    check left 1.2 < 30
    """

  @Test func `a lesson is its lines`() throws {
    let lesson = try Lesson(parsing: Self.text, number: 1)
    let place = try #require(Lesson.WordPlace(parsing: "1.2"))
    #expect(lesson.title == "Early words")
    #expect(lesson.typed == ["/preset balanced", "What is the capital of Australia?"])
    #expect(lesson.needsLens)
    #expect(
      lesson.steps == [
        .pace(5), .say("Watch. It goes on here.\n\nAnd a new part."),
        .play(.word(place)), .look(place), .ask("Why?"),
        .look(nil), .play(.end), .reveal("Because {word 1.2} is easy."),
      ])
    #expect(lesson.checks == [LessonCheck(parsing: "left 1.2 < 30")].compactMap { $0 })
  }

  @Test(arguments: [
    "sing a song", "pace 0", "pace fast", "play", "play word 1", "play mark 0", "look 1",
    "look 0.1", "check left 1.2", "check = 3",
  ])
  func `a line that is none is refused with its number`(line: String) {
    let error = #expect(throws: LessonError.self) {
      try Lesson(parsing: Self.text + "\n" + line, number: 3)
    }
    #expect(error?.code == .line)
    #expect(error?.place == "lesson 3, line 19")
  }

  @Test func `a lesson has a title and one question`() {
    for missing in ["title", "ask", "type"] {
      let text = Self.text.split(separator: "\n", omittingEmptySubsequences: false)
        .filter { !$0.hasPrefix(missing) }.joined(separator: "\n")
      #expect(throws: LessonError.self) { try Lesson(parsing: text, number: 1) }
    }
  }
}
