import Files
import Foundation

/// Where Fathom keeps its files, as the XDG Base Directory Specification says.
///
/// A variable that is empty or not an absolute path counts as unset. Nothing is created here.
package struct Places: Hashable, Sendable {
  /// What the person writes: `$XDG_CONFIG_HOME/fathom`.
  package let config: String
  /// What must not be lost: `$XDG_DATA_HOME/fathom`.
  package let data: String
  /// What is good to keep: `$XDG_STATE_HOME/fathom`.
  package let state: String

  /// The folders that these variables give; where `HOME` is unset too, those below the home folder
  /// that the system names.
  package init(environment: [String: String] = ProcessInfo.processInfo.environment) {
    func absolute(_ variable: String) -> String? {
      environment[variable].flatMap { $0.hasPrefix("/") ? $0 : nil }
    }
    let home = HomeFolder.path(environment: environment)
    func folder(_ variable: String, _ fallback: String) -> String {
      URL(filePath: absolute(variable) ?? home + "/" + fallback).appending(path: "fathom").path
    }
    config = folder("XDG_CONFIG_HOME", ".config")
    data = folder("XDG_DATA_HOME", ".local/share")
    state = folder("XDG_STATE_HOME", ".local/state")
  }

  /// The person's own colour themes.
  package var themesFolder: String { config + "/themes" }
  /// The conversations.
  package var sessionsFile: String { data + "/sessions.sqlite" }
  /// The models that were pulled.
  package var modelsFolder: String { data + "/models" }
  /// Which blocks models can do without, as far as that was searched.
  package var pruningFolder: String { data + "/pruning" }
  /// What drafters learned of each model.
  package var guessesFolder: String { data + "/guesses" }
  /// What was typed.
  package var historyFile: String { state + "/history.jsonl" }
  /// The digests of models, so that each is hashed once.
  package var fingerprintFile: String { state + "/fingerprints.json" }
  /// Caches and checkpoints of trainings.
  package var tuneFolder: String { state + "/tune" }
}
