package import Events

/// The commands that begin with a slash. One table (`SlashCommand.forms`) says of each how it is
/// written, what completes it, how the help explains it and what it does.
package enum SlashCommand {
  /// What a command does.
  package struct Effect: Sendable {
    /// What it does in a conversation in lines of text.
    package let inLines: LineEffect
    /// What it does on the screen: what changes there, and what is asked of the outside.
    let onScreen: @Sendable (inout ScreenState) -> [Action]

    /// An effect that is the screen's own.
    init(
      inLines: LineEffect, onScreen: @escaping @Sendable (inout ScreenState) -> [Action]
    ) {
      self.inLines = inLines
      self.onScreen = onScreen
    }

    /// The session carries the command out; where `isPatient` says so, not while an answer is under way.
    static func session(_ command: SessionCommand, isPatient: Bool = false) -> Effect {
      Effect(inLines: .session(command)) { state in
        isPatient && state.refusesWhileAnswering() ? [] : [.command(command)]
      }
    }
  }

  /// What a command does where there is no screen.
  package enum LineEffect: Hashable, Sendable {
    /// The session carries it out.
    case session(SessionCommand)
    /// The program says this, a notice a line.
    case say([String])
    /// The program says what the newest answer adds up to.
    case statistics
    /// The conversation is over.
    case leave
  }

  /// Whether a line is a command and not something said to the model.
  package static func isCommand(_ line: String) -> Bool { line.hasPrefix("/") }

  /// What a line that begins with a slash asks for; the error names the nearest command or what was
  /// expected.
  package static func parse(_ line: String) throws(ScreenError) -> Effect {
    let trimmed = line.trimmingSpaces
    let name = String(trimmed.prefix { !$0.isWhitespace })
    let argument = String(trimmed.dropFirst(name.count)).trimmingSpaces
    guard let form = forms.first(where: { $0.names.contains(name) }) else {
      let near = Spelling.nearest(to: name, among: forms.flatMap(\.names))
      throw ScreenError(
        .unknownCommand, at: name,
        "there is no such command." + (near.map { " Did you mean \($0)?" } ?? "")
          + " /help lists them all.")
    }
    guard let effect = try form.effect(argument) else {
      throw ScreenError(.badArgument, at: name, "expected \(form.usage): \(form.summary).")
    }
    return effect
  }

  /// What the text before the cursor could become: whole lines, best first; empty when nothing fits.
  ///
  /// `themes` are the names that /theme takes.
  package static func completions(of text: String, themes: [String] = []) -> [String] {
    guard isCommand(text), !text.contains(where: \.isLineBreak) else { return [] }
    guard let space = text.firstIndex(of: " ") else {
      let names = forms.compactMap { form in
        form.names.first { $0.hasPrefix(text) }.map { form.argument.isEmpty ? $0 : $0 + " " }
      }
      return names
    }
    let name = text[..<space]
    let typed = text[text.index(after: space)...].drop { $0 == " " }
    guard let form = forms.first(where: { $0.names.contains(String(name)) }) else { return [] }
    let words = form.names.contains("/theme") ? themes : form.words
    return words.filter { $0.hasPrefix(typed) && $0 != typed }.map { "\(name) \($0)" }
  }
}

extension String {
  var trimmingSpaces: String {
    let tail = drop(while: \.isWhitespace)
    return String(tail.reversed().drop(while: \.isWhitespace).reversed())
  }
}
