import Foundation

/// Where Fathom keeps its files, as the XDG Base Directory Specification says.
///
/// A variable that is empty or not an absolute path counts as unset. Nothing is created here.
package struct Places: Hashable, Sendable {
  /// What the person writes: `$XDG_CONFIG_HOME/fathom`.
  package var config: String
  /// What must not be lost: `$XDG_DATA_HOME/fathom`.
  package var data: String
  /// What is good to keep: `$XDG_STATE_HOME/fathom`.
  package var state: String

  /// The folders of this process's environment.
  package init() {
    self.init(
      environment: ProcessInfo.processInfo.environment,
      home: FileManager.default.homeDirectoryForCurrentUser.path)
  }

  /// The folders that these variables and this home folder give.
  package init(environment: [String: String], home: String) {
    func folder(_ variable: String, _ fallback: String) -> String {
      let value = environment[variable].flatMap { $0.hasPrefix("/") ? $0 : nil }
      return URL(filePath: value ?? home + "/" + fallback).appending(path: "fathom").path
    }
    config = folder("XDG_CONFIG_HOME", ".config")
    data = folder("XDG_DATA_HOME", ".local/share")
    state = folder("XDG_STATE_HOME", ".local/state")
  }

  /// The settings file.
  package var configFile: String { config + "/config.toml" }
  /// The person's own colour themes.
  package var themesFolder: String { config + "/themes" }
  /// The conversations.
  package var sessionsFile: String { data + "/sessions.sqlite" }
  /// The models that were pulled.
  package var modelsFolder: String { data + "/models" }
  /// Which blocks models can do without, as far as that was searched.
  package var pruningFolder: String { data + "/pruning" }
  /// What was typed.
  package var historyFile: String { state + "/history.jsonl" }
  /// The digests of models, so that each is hashed once.
  package var fingerprintFile: String { state + "/fingerprints.json" }
  /// What went wrong, in detail.
  package var logFile: String { state + "/fathom.log" }
}
