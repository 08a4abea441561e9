/// A type, an extension or a function with its braces, as it stands in a file.
struct Declaration: Sendable {
  /// `struct`, `extension`, `func`, ….
  let kind: Substring
  /// What it is called: `Matrix` for `extension Matrix`, `read` for `func read(…)`.
  let name: Substring
  /// Its lines, from the one that begins it to the one with its last brace.
  let lines: Range<Int>
  /// How many braces it stands in.
  let depth: Int

  /// Whether it can hold state or methods: a type or an extension.
  var isType: Bool { Self.types.contains(kind) }
  /// The type that it belongs to, however deeply nested: `Frame` for `extension Frame.Cell`.
  var outerType: Substring { name.prefix { $0 != "." } }
  var lineCount: Int { lines.count }

  private static let types: Set<Substring> = [
    "struct", "class", "enum", "actor", "protocol", "extension",
  ]
}

extension SourceTree.File {
  /// The types, extensions and functions with bodies of a Swift file in the order in which they end, and
  /// how many braces stay open, which is 0 where the file was understood.
  var declarations: (found: [Declaration], openBraces: Int) {
    var reader = DeclarationReader()
    for (index, line) in code.enumerated() { reader.read(line, number: index) }
    return (reader.found, reader.openCount)
  }
}

/// Reads code line by line and keeps the braces that are open.
private struct DeclarationReader {
  private typealias Start = (kind: Substring, name: Substring, line: Int, parentheses: Int)

  private(set) var found: [Declaration] = []
  /// How many braces are open.
  var openCount: Int { open.count }
  /// For each open brace the declaration whose body it begins, if it begins one.
  private var open: [Start?] = []
  /// A declaration whose body has not begun, or that has none.
  private var pending: Start?
  private var parentheses = 0

  mutating func read(_ line: String, number: Int) {
    if let (kind, name) = Self.declared(in: line) { pending = (kind, name, number, parentheses) }
    for character in line {
      switch character {
      case "(", "[": parentheses += 1
      case ")", "]": parentheses -= 1
      case "{":
        let begins = pending.map { $0.parentheses == parentheses } ?? false
        open.append(begins ? pending : nil)
        if begins { pending = nil }
      case "}":
        if let start = open.popLast() ?? nil {
          found.append(
            Declaration(
              kind: start.kind, name: start.name, lines: start.line..<number + 1, depth: open.count)
          )
        }
        // A brace inside a signature belongs to a default value.
        if let pending, pending.parentheses >= parentheses { self.pending = nil }
      default: break
      }
    }
  }

  /// What kind of declaration the line begins, and its name.
  private static func declared(in line: String) -> (kind: Substring, name: Substring)? {
    var words = line.split(separator: " ")[...]
    while let word = words.popFirst() {
      let head = word.prefix(while: \.isLetter)
      if kinds.contains(head) {
        let isNamed = head != "init" && head != "deinit" && head != "subscript"
        let name = isNamed ? words.first ?? "" : ""
        return (head, name.prefix { $0.isLetter || $0.isNumber || "._".contains($0) })
      }
      guard word.hasPrefix("@") || modifiers.contains(head) else { return nil }
    }
    return nil
  }

  private static let kinds: Set<Substring> = [
    "extension", "struct", "class", "enum", "actor", "protocol", "func", "init", "deinit",
    "subscript",
  ]
  private static let modifiers: Set<Substring> = [
    "public", "package", "internal", "fileprivate", "private", "final", "static", "mutating",
    "nonmutating", "nonisolated", "override", "indirect", "isolated", "convenience", "required",
    "consuming", "borrowing", "prefix", "postfix", "infix",
  ]
}
