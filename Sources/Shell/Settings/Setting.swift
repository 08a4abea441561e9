/// What a variable or the file says of an option.
package struct Setting: Hashable, Sendable {
  /// Where it was said.
  package enum Origin: Hashable, Sendable, CustomStringConvertible {
    /// The variable of that name.
    case variable(String)
    /// The file at the path, the line of it.
    case file(String, line: Int)

    /// As errors name it.
    package var description: String {
      switch self {
      case .variable(let name): name
      case .file(let path, let line): "\(path):\(line)"
      }
    }
  }

  /// What is said of the option.
  package enum Value: Hashable, Sendable {
    /// Whether a flag stands.
    case flag(Bool)
    /// The values of an option: one, unless it may be given several times.
    case words([String])
  }

  /// The names of the commands that it is said of; empty where it is said of all.
  package var scope: [String]
  /// The option's key.
  package var key: String
  /// What is said of it.
  package var value: Value
  /// Who says so.
  package var origin: Origin

  /// A setting.
  package init(_ key: String, _ value: Value, of scope: [String] = [], from origin: Origin) {
    (self.scope, self.key, self.value, self.origin) = (scope, key, value, origin)
  }

  /// What a person would write behind the command for it.
  package var arguments: [String] {
    switch value {
    case .flag(let isSet): isSet ? ["--\(key)"] : []
    // With an equals sign, since a value may begin with a dash.
    case .words(let words): words.map { "--\(key)=\($0)" }
    }
  }

  /// The value as a file would say it.
  package var words: String {
    switch value {
    case .flag(let isSet): "\(isSet)"
    case .words(let words) where words.count == 1: quoted(words[0])
    case .words(let words): "[" + words.map(quoted).joined(separator: ", ") + "]"
    }
  }

  private func quoted(_ word: String) -> String {
    if Double(word)?.isFinite == true { return word }
    let escaped = word.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
      .replacing("\n", with: "\\n").replacing("\t", with: "\\t")
    return "\"\(escaped)\""
  }
}
