/// What a person wrote behind a command: which options are among it.
package struct GivenArguments: Hashable, Sendable {
  /// The arguments as the parser takes them.
  package private(set) var arguments: [String] = []
  /// The keys of the options among them.
  package private(set) var keys: Set<String> = []

  /// What `arguments` give of `options`. `--no-NAME` takes back a flag that a variable or the file sets; the
  /// parser need not know of it.
  package init(_ arguments: [String], options: [OptionShape]) {
    var rest = arguments[...]
    while let word = rest.popFirst() {
      if word == "--" {
        self.arguments += [word] + rest
        return
      }
      guard word.hasPrefix("-"), word.count > 1 else {
        self.arguments.append(word)
        continue
      }
      if let key = Self.takenBack(by: word, options) {
        keys.insert(key)
        continue
      }
      self.arguments.append(word)
      let found = Self.options(named: word, options)
      keys.formUnion(found.compactMap(\.key))
      guard let last = found.last, last.kind == .option, !word.contains("=") else { continue }
      if let value = rest.popFirst() { self.arguments.append(value) }
      while last.takesSeveral, let value = rest.first, !value.hasPrefix("-") || value == "-" {
        self.arguments.append(value)
        rest = rest.dropFirst()
      }
    }
  }

  private static func options(named word: String, _ options: [OptionShape]) -> [OptionShape] {
    let name = String(word.prefix { $0 != "=" })
    if name.hasPrefix("--") {
      return options.filter { $0.longNames.contains(String(name.dropFirst(2))) }
    }
    let bare = String(name.dropFirst())
    let whole = options.filter { $0.shortNames.contains(bare) }
    if !whole.isEmpty { return whole }
    return bare.flatMap { letter in options.filter { $0.shortNames.contains(String(letter)) } }
  }

  private static func takenBack(by word: String, _ options: [OptionShape]) -> String? {
    guard word.hasPrefix("--") else { return nil }
    let name = String(word.dropFirst(2))
    guard !options.contains(where: { $0.longNames.contains(name) }) else { return nil }
    let opposite = name.hasPrefix("no-") ? String(name.dropFirst(3)) : "no-" + name
    return options.first { $0.kind == .flag && $0.longNames.contains(opposite) }?.key
  }
}
