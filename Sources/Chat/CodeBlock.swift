/// A block of code in an answer: what stands between two fences of Markdown.
package struct CodeBlock: Hashable, Sendable {
  /// The word behind the opening fence, such as `python`.
  package let language: String
  /// What stands between the fences, without the last line break.
  package let code: String

  /// A stretch of an answer.
  package enum Part: Hashable, Sendable {
    case text(String)
    case code(CodeBlock)
  }

  /// The blocks in `text`, in order. One that is never closed reaches to the end.
  package static func all(in text: String) -> [CodeBlock] {
    parts(of: text).compactMap { if case .code(let block) = $0 { block } else { nil } }
  }

  /// What is said around the blocks, and the blocks.
  package static func parts(of text: String) -> [Part] {
    var parts: [Part] = []
    var lines: [Substring] = []
    var fence: (mark: Character, length: Int, language: String)?
    func said() -> [Part] {
      let text = lines.joined(separator: "\n")
      return text.allSatisfy(\.isWhitespace) ? [] : [.text(text)]
    }
    func code(_ language: String) -> Part {
      .code(CodeBlock(language: language, code: lines.joined(separator: "\n")))
    }
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let (mark, length, rest) = Self.fence(of: line)
      if let open = fence {
        guard mark == open.mark, length >= open.length, rest.isEmpty else {
          lines.append(line)
          continue
        }
        parts.append(code(open.language))
        (fence, lines) = (nil, [])
      } else if let mark, length >= 3, mark == "~" || !rest.contains("`") {
        parts += said()
        (fence, lines) = ((mark, length, rest), [])
      } else {
        lines.append(line)
      }
    }
    return parts + (fence.map { [code($0.language)] } ?? said())
  }

  /// The mark that a line begins with, behind at most three spaces, how many of it there are, and what
  /// follows.
  private static func fence(of line: Substring) -> (mark: Character?, length: Int, rest: String) {
    let indent = line.prefix { $0 == " " }
    let body = line.dropFirst(indent.count)
    guard indent.count <= 3, let mark = body.first, mark == "`" || mark == "~" else {
      return (nil, 0, "")
    }
    let length = body.prefix { $0 == mark }.count
    let rest = body.dropFirst(length).drop(while: \.isWhitespace)
    return (mark, length, String(rest.reversed().drop(while: \.isWhitespace).reversed()))
  }
}
