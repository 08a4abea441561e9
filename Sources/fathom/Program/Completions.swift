import ArgumentParser
import Events
import Files
import Foundation
import Models
import Screen
import Sessions

/// What a shell offers for an option's value: what is here now.
enum Completions {
  /// Names of models that are here, and files.
  static let models = CompletionKind.custom { _, _, prefix in
    names(of: ModelFolder()) + paths(beginningWith: prefix, endings: ["gguf"])
  }

  /// Names of models that are here.
  static let modelNames = CompletionKind.custom { _, _, _ in names(of: ModelFolder()) }

  /// Names of models that can be fetched.
  static let sources = CompletionKind.custom { _, _, _ in
    ModelEntry.all.map(\.name) + ShortName.all.map(\.name)
  }

  /// Themes, with the person's own.
  static let themes = CompletionKind.custom { _, _, _ in ThemeCatalogue.ofThisUser.names }

  /// Conversations that are kept.
  static let sessions = CompletionKind.custom { _, _, _ in
    let path = Places().sessionsFile
    guard FileManager.default.fileExists(atPath: path) else { return [] }
    return (try? SessionStore(path: path).list().map(\.id)) ?? []
  }

  /// Presets.
  static let presets = CompletionKind.list(Preset.allCases.map(\.rawValue))

  /// Names of commands, for a command that takes one.
  @Sendable static func commands(_ words: [String], _ index: Int, _ prefix: String) -> [String] {
    Fathom.configuration.subcommands.compactMap { $0.configuration.commandName }
  }

  private static func names(of folder: ModelFolder) -> [String] {
    var seen: Set<String> = []
    return folder.found.map(\.name).filter { seen.insert($0).inserted }
  }

  /// The folders and the files with one of these endings that a path may go on to.
  static func paths(beginningWith prefix: String, endings: [String]) -> [String] {
    let begin = prefix.trimmingCharacters(in: CharacterSet(charactersIn: "\"'"))
    let head = begin.lastIndex(of: "/").map { String(begin[...$0]) } ?? ""
    let folder = head.isEmpty ? "." : HomeFolder.expand(head)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.sorted().compactMap { name in
      guard !name.hasPrefix("."), let found = FileIdentity(path: folder + "/" + name) else {
        return nil
      }
      if found.kind == .folder { return head + name + "/" }
      return endings.contains { name.hasSuffix("." + $0) } ? head + name : nil
    }
  }
}
