/// The themes of this folder, inside the program: it looks the same wherever it is installed.
package enum BuiltInThemes {
  /// Name and TOML text of each theme, the default first.
  package static let texts: [(name: String, text: String)] = [
    ("dark", String(decoding: PackageResources.dark_toml, as: UTF8.self)),
    ("light", String(decoding: PackageResources.light_toml, as: UTF8.self)),
    ("colorblind", String(decoding: PackageResources.colorblind_toml, as: UTF8.self)),
    ("mono", String(decoding: PackageResources.mono_toml, as: UTF8.self)),
  ]
}
