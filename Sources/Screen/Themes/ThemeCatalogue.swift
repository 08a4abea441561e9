import BuiltInThemes
package import Foundation
import Reports

/// The themes there are: the built-in ones, and a person's own in a folder.
package struct ThemeCatalogue: Sendable {
  /// The folder of a person's own themes, if there is one.
  package var folder: URL?

  /// What stands for the theme that suits the terminal's background.
  package static let automatic = "auto"

  /// The theme that ``automatic`` stands for; where the terminal did not say its background, the one for dark
  /// ones. Both are safe for colour-blind people.
  static func automaticTheme(on background: RGB?) -> String {
    background?.isLight ?? false ? "light" : "colorblind"
  }

  /// The built-in themes and those in `folder`.
  package init(folder: URL? = nil) { self.folder = folder }

  /// The names that ``theme(named:)`` knows: built-in ones first, then a person's own by name.
  package var names: [String] {
    let files =
      folder.flatMap { try? FileManager.default.contentsOfDirectory(atPath: $0.path) } ?? []
    let own = files.filter { $0.hasSuffix(".toml") }.map { String($0.dropLast(5)) }.sorted()
    let builtIn = BuiltInThemes.texts.map(\.name)
    return builtIn + own.filter { !builtIn.contains($0) }
  }

  /// The theme of this name; a person's own wins over a built-in one.
  package func theme(named name: String) throws(ScreenError) -> Theme {
    try theme(named: name, seen: [])
  }

  private func theme(named name: String, seen: [String]) throws(ScreenError) -> Theme {
    if let file = folder?.appending(path: "\(name).toml"), isFileName(name), !seen.contains(name),
      FileManager.default.fileExists(atPath: file.path)
    {
      guard let text = try? String(contentsOf: file, encoding: .utf8) else {
        throw ScreenError(.theme, at: file.path, "the file cannot be read as UTF-8 text")
      }
      return try ThemeFile.theme(named: name, from: text, file: file.path) {
        base throws(ScreenError) in try theme(named: base ?? "dark", seen: seen + [name])
      }
    }
    guard let text = BuiltInThemes.texts.first(where: { $0.name == name })?.text else {
      let near = Spelling.nearest(to: name, among: names).map { " Did you mean \($0)?" } ?? ""
      throw ScreenError(
        .theme, at: name,
        "there is no theme of this name.\(near) There are: \(names.joined(separator: ", ")).")
    }
    return try ThemeFile.theme(named: name, from: text, file: "themes/\(name).toml") {
      base throws(ScreenError) in Theme(name: base ?? "")
    }
  }

  private func isFileName(_ name: String) -> Bool {
    !name.isEmpty && !name.contains("/") && !name.hasPrefix(".")
  }
}
