package import Dials
package import Techniques

/// A command that begins with a slash. One table (`SlashCommand.forms`) parses, completes and explains.
package enum SlashCommand: Hashable, Sendable {
  case help
  /// A sampling parameter and its value, as typed.
  case set(name: String, value: String)
  /// The exit policy as typed: `off`, `fixed 12`, `top1 .8 at 10,20` ...
  case exitPolicy(String)
  case mode(ExitMode)
  /// A calibrated setting: quality, balanced, saving or off.
  case preset(String)
  /// An adapter's file, or nil for none.
  case adapter(String?)
  case prune(BlockSet)
  /// Leave out the first so many blocks of the model's own search.
  case pruneFirst(Int)
  /// Open the prune editor.
  case pruneEditor
  /// Measure what each block costs, and show it in the prune editor.
  case measureBlocks
  /// Write the model without blocks as a file; without those left out now and under a name of the
  /// program's choice where nothing else is said.
  case export(BlockSet?, to: String?)
  /// Answer again with the same seed, and say what the settings changed.
  case compare
  /// The draft setting as typed: `auto`, `off`, `ngram,recycle 8` ...
  case draft(String)
  /// The reach setting as typed: `1024`, `off`, `sliding 512` ...
  case window(String)
  case stats
  case theme(String)
  case clear
  case save(String)
  case load(String)
  case regen
  case system(String)
  case quit

  /// Whether a line is a command and not something said to the model.
  package static func isCommand(_ line: String) -> Bool { line.hasPrefix("/") }

  /// Reads a line that begins with a slash; the error names the nearest command or what was expected.
  package static func parse(_ line: String) throws(ScreenError) -> SlashCommand {
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
    guard let command = try form.parse(argument) else {
      throw ScreenError(.badArgument, at: name, "expected \(form.usage): \(form.summary).")
    }
    return command
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
