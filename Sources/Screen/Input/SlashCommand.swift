package import Events
import Reports

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
    /// The program says what other thresholds would have made of the newest answer.
    case whatIf
    /// The conversation is over.
    case leave
  }

  /// Whether a message is a command and not something said to the model: its first word is one, or looks
  /// like one that is mistyped. A path, a comment or anything else with a slash in front is said.
  package static func isCommand(_ text: String) -> Bool {
    let name = firstWord(of: text)
    if name == "/" { return text.trimmingSpaces == name }
    return form(named: name) != nil || isNameLike(name)
  }

  /// The first word of a text that begins with a slash; empty where it does not.
  private static func firstWord(of text: String) -> String {
    text.hasPrefix("/") ? String(text.prefix { !$0.isWhitespace }) : ""
  }

  private static func form(named name: String) -> Form? {
    forms.first { $0.names.contains(name) }
  }

  /// A slash and letters, as all commands have them.
  private static func isNameLike(_ name: String) -> Bool {
    name.hasPrefix("/") && name.dropFirst().allSatisfy { $0.isLetter || $0 == "-" || $0 == "_" }
  }

  /// The command that a mistyped one was probably meant to be.
  static func nearest(to text: String) -> String? {
    Spelling.nearest(to: firstWord(of: text), among: forms.flatMap(\.names))
  }

  /// What a line that begins with a slash asks for; the error names the nearest command or what was
  /// expected.
  package static func parse(_ line: String) throws(ScreenError) -> Effect {
    let name = firstWord(of: line)
    let argument = String(line.dropFirst(name.count)).trimmingSpaces
    guard let form = Self.form(named: name) else {
      throw ScreenError(
        .unknownCommand, at: name,
        "there is no such command." + (nearest(to: line).map { " Did you mean \($0)?" } ?? "")
          + " /help lists them all; with a space in front it is said to the model.")
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
    guard text.hasPrefix("/"), !text.contains(where: \.isLineBreak) else { return [] }
    guard let space = text.firstIndex(of: " ") else {
      let names = forms.compactMap { form in
        form.names.first { $0.hasPrefix(text) }.map { form.argument.isEmpty ? $0 : $0 + " " }
      }
      return names
    }
    let name = text[..<space]
    let typed = text[text.index(after: space)...].drop { $0 == " " }
    guard let form = Self.form(named: String(name)) else { return [] }
    let words = form.names.contains("/theme") ? themes : form.words
    return words.filter { $0.hasPrefix(typed) && $0 != typed }.map { "\(name) \($0)" }
  }
}

extension SlashCommand {
  /// How far the text before the cursor is certain to go on, where it is, and what to say of it.
  static func completion(
    of text: String, themes: [String]
  ) -> (text: String?, hint: String?) {
    let candidates = completions(of: text, themes: themes)
    guard let first = candidates.first else {
      return (nil, text.hasPrefix("/") ? "nothing to complete" : "/ begins a command")
    }
    let common = candidates.dropFirst().reduce(first) { $0.commonPrefix(with: $1) }
    let words = candidates.map { $0.split(separator: " ").last.map(String.init) ?? $0 }
    return (
      common.count > text.count ? common : nil,
      candidates.count > 1 ? words.joined(separator: "  ") : nil
    )
  }
}

extension String {
  var trimmingSpaces: String {
    let tail = drop(while: \.isWhitespace)
    return String(tail.reversed().drop(while: \.isWhitespace).reversed())
  }
}
