import Events
package import Lessons

/// The lessons as a list for the screen, and what `/lesson` does.
package enum LessonList {
  /// A lesson to choose.
  package struct Entry: Hashable, Sendable {
    /// Its number, from 1.
    package let number: Int
    /// What it is called.
    package let title: String
    /// What it shows.
    package let about: String

    /// A lesson of this number.
    package init(number: Int, title: String, about: String) {
      (self.number, self.title, self.about) = (number, title, about)
    }
  }

  /// The lessons that came with the program.
  package static var entries: [Entry] { entries(of: LessonCatalogue()) }

  /// The lessons of a catalogue.
  package static func entries(of catalogue: LessonCatalogue) -> [Entry] {
    catalogue.lessons.map { Entry(number: $0.number, title: $0.title, about: $0.about) }
  }

  /// The list as lines.
  package static func lines(of catalogue: LessonCatalogue = LessonCatalogue()) -> [String] {
    entries(of: catalogue).map { "\($0.number)  \($0.title): \($0.about)" }
  }

  /// `/lesson` and `/lesson N`.
  static func effect(_ argument: String) -> SlashCommand.Effect? {
    if argument.isEmpty {
      return SlashCommand.Effect(inLines: .say(lines() + [wayInLines])) { state in
        state.say(
          Notice(
            .information, (lines() + ["/lesson N plays one; q comes back."]).joined(separator: "\n")
          ))
        return []
      }
    }
    guard let number = Int(argument), (1...LessonCatalogue.count).contains(number) else {
      return nil
    }
    return SlashCommand.Effect(inLines: .say([wayInLines])) { _ in [.lesson(number)] }
  }

  private static let wayInLines = "fathom lesson N --plain plays one in lines of text."
}
