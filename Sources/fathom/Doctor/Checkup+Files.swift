import ArgumentParser
import Files
import Foundation
import Models
import Reports
import Screen
import Shell

extension Checkup {
  /// Folders, their permissions, room on the disk.
  mutating func lookAtFiles(environment: [String: String]) {
    let places = Places(environment: environment)
    for (name, path) in [("data folder", places.data), ("state folder", places.state)] {
      lookAtFolder(name, path)
    }
    lookAtPrivate("conversations", places.sessionsFile)
    lookAtDatabase(places.sessionsFile)
    lookAtPrivate("history", places.historyFile)
    if let free = DiskSpace.free(at: Self.existing(places.data)) {
      let words = "\(free.megabytes) free for \(places.data)"
      if free < 200 << 20 {
        warn("disk", words, "Free some space: models and conversations go there")
      } else {
        ok("disk", words)
      }
    }
  }

  /// The path, or the nearest folder above it that exists.
  private static func existing(_ path: String) -> String {
    var path = path
    while path.count > 1, !FileManager.default.fileExists(atPath: path) {
      path = URL(filePath: path).deletingLastPathComponent().path
    }
    return path
  }

  private mutating func lookAtFolder(_ name: String, _ path: String) {
    let found = Self.existing(path)
    guard FileIdentity(path: found)?.kind == .folder else {
      return fail(
        name, "\(found) is no folder", "Move it away, or set XDG_DATA_HOME and XDG_STATE_HOME")
    }
    if access(found, W_OK | X_OK) == 0 {
      ok(name, found == path ? path : "\(path), made when it is needed")
    } else {
      fail(name, "\(found) may not be written to", "chown or chmod it, or run with --no-history")
    }
  }

  private mutating func lookAtPrivate(_ name: String, _ path: String) {
    guard let file = FileIdentity(path: path) else { return ok(name, "none yet") }
    if file.mode & 0o077 != 0 {
      warn(name, "others may read \(path)", "chmod 600 \(path)")
    } else if access(path, R_OK | W_OK) != 0 {
      fail(name, "\(path) may not be read and written", "chown it to yourself, then chmod 600")
    } else {
      ok(name, "\(path), for you alone")
    }
  }

  private mutating func lookAtDatabase(_ path: String) {
    guard let handle = FileHandle(forReadingAtPath: path) else { return }
    defer { try? handle.close() }
    let head = (try? handle.read(upToCount: 16)) ?? Data()
    if !head.isEmpty, head != Data("SQLite format 3\0".utf8) {
      fail("conversations", "\(path) is no database", "Move it away: a new one is made")
    }
  }

  /// The config file, the variables, the theme.
  mutating func lookAtSettings(environment: [String: String]) {
    let tree = CommandTree(Fathom.self)
    do {
      let sources = try SettingSources.ofThisUser(tree)
      for path in tree.paths { _ = try sources.settings(for: path) }
      let path = ConfigFile.path(
        in: Places(environment: environment).config, environment: environment)
      let words =
        sources.file.map { "\($0.path), \($0.entries.count) settings" }
        ?? path.map { "none at \($0)" } ?? "none is read: FATHOM_CONFIG is empty"
      ok("config file", words)
      try lookAtTheme(sources)
    } catch {
      fail("config file", "\(error)", "Put it right, or take the line away")
    }
    lookAtVariables(tree, environment)
  }

  private mutating func lookAtTheme(_ sources: SettingSources) throws {
    let path = sources.tree.child("chat").map { [$0] } ?? []
    guard let setting = try sources.settings(for: path).first(where: { $0.key == "theme" }),
      case .words(let words) = setting.value, let name = words.first
    else { return }
    do {
      _ = try ThemeCatalogue.ofThisUser.theme(named: name)
      ok("theme", name)
    } catch {
      fail("theme", "\(error)", "Name another one, as \(setting.origin) says")
    }
  }

  /// Variables that begin as ours and are none.
  private mutating func lookAtVariables(_ tree: CommandTree, _ environment: [String: String]) {
    let own = environment.keys.filter { $0.hasPrefix(VariableName.prefix) }
    guard !own.isEmpty else { return }
    var known = Set(VariableName.others)
    for path in tree.paths {
      for option in path.last?.options ?? [] where option.key != nil {
        for count in 0...path.count {
          known.formUnion(
            VariableName.candidates(for: option, of: path.prefix(count).map(\.name)))
        }
      }
    }
    let unknown = own.filter { !known.contains($0) }.sorted()
    for name in unknown {
      let near = Spelling.nearest(to: name, among: known.sorted())
      warn(
        "variables", "\(name) is no setting",
        near.map { "Did you mean \($0)?" } ?? "Take it away, or look into 'fathom help'")
    }
    if unknown.isEmpty { ok("variables", own.sorted().joined(separator: ", ")) }
  }
}
