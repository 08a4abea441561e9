/// The one rule by which an option has a variable.
package enum VariableName {
  /// What all of them begin with.
  package static let prefix = "FATHOM_"

  /// Those that are no options: what the program and its tests go by besides.
  package static let others = [
    "FATHOM_CONFIG", "FATHOM_SIMD", "FATHOM_ADAPTERS", "FATHOM_BLAS", "FATHOM_TESTS",
    "FATHOM_RECORD", "FATHOM_DATA", "FATHOM_FAMILIES", "FATHOM_KILLS",
  ]

  /// The variable of an option, for every command that has it or for the one that `path` names:
  /// `FATHOM_CTX_SIZE`, `FATHOM_CHAT_CTX_SIZE`.
  package static func of(_ key: String, for path: [String] = []) -> String {
    prefix
      + (path + [key]).joined(separator: "_").uppercased().replacing("-", with: "_")
  }

  /// Those that name the option for the command that `path` leads to, or for all.
  package static func candidates(for option: OptionShape, of path: [String]) -> [String] {
    option.longNames.map { of($0, for: path) }.filter { !others.contains($0) }
  }
}
