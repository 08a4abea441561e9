package import Files
import Foundation
import Reports

/// A person's settings in a file: TOML whose keys are the options' names; a table holds those of one command.
package struct ConfigFile: Hashable, Sendable {
  /// Where it lies.
  package let path: String
  /// What it says, in its order.
  package let entries: [TOMLText.Entry]

  /// Where the file is: what `FATHOM_CONFIG` names, else `config.toml` in the folder; nil where that variable is
  /// empty.
  package static func path(in folder: String, environment: [String: String]) -> String? {
    guard let named = environment["FATHOM_CONFIG"] else { return folder + "/config.toml" }
    return named.isEmpty ? nil : HomeFolder.expand(named, environment: environment)
  }

  /// Reads the file at `path`; nil where there is none. Only one that `isNamed` has to be there.
  package static func read(_ path: String, isNamed: Bool) throws(SettingError) -> ConfigFile? {
    let text: DecodedText
    do {
      text = DecodedText(try FileReader.contents(of: path))
    } catch {
      if error.code == .missing, !isNamed { return nil }
      throw SettingError(at: path, "\(error.reason). \(error.remedy).")
    }
    return try ConfigFile(path: path, text: text.text)
  }

  /// The file with this text.
  package init(path: String, text: String) throws(SettingError) {
    self.path = path
    do throws(TOMLText.Problem) {
      entries = try TOMLText.entries(of: text)
    } catch {
      throw SettingError(
        at: "\(path):\(error.line)", "not TOML as it is read here: \(error.message).")
    }
  }

  /// Throws at the first key that is no option of the command that its table names, nor of one below.
  package func check(against tree: CommandTree) throws(SettingError) {
    for entry in entries {
      guard let key = entry.path.last else { continue }
      var node = tree
      for name in entry.path.dropLast() {
        guard let next = node.child(name) else {
          throw error(entry, "there is no command \(name)", name, node.children.map(\.name))
        }
        node = next
      }
      guard node.options(of: key).first(where: { _ in true }) == nil else { continue }
      let known = Set(node.leaves.flatMap { $0.options.compactMap(\.key) })
      throw error(
        entry, "\(node.name) has no option of this name", key,
        known.sorted() + node.children.map(\.name))
    }
  }

  private func error(
    _ entry: TOMLText.Entry, _ problem: String, _ word: String, _ known: [String]
  ) -> SettingError {
    let near = Spelling.nearest(to: word, among: known).map { " Did you mean \($0)?" } ?? ""
    return SettingError(
      at: "\(path):\(entry.line)",
      "\(entry.path.joined(separator: ".")): \(problem).\(near) 'fathom help' shows the names."
        .visible)
  }

  /// Where an entry stands.
  func origin(_ entry: TOMLText.Entry) -> Setting.Origin { .file(path, line: entry.line) }
}
