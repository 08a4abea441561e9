/// The texts that a Jinja template can write out: what stands between its tags, and the string
/// literals within them, escapes resolved.
///
/// No interpreter: enough to read a default system message out of a template.
enum JinjaLiterals {
  /// The texts of `template`, in order.
  static func texts(in template: String) -> [String] {
    let source = Array(template.unicodeScalars)
    var texts: [String] = []
    var index = 0
    while index < source.count {
      let tag = nextTag(in: source, from: index)
      if index < tag { texts.append(string(source[index..<tag])) }
      index = tag
      guard index < source.count else { break }
      let isComment = source[index + 1] == "#"
      let closing: Unicode.Scalar = isComment ? "#" : source[index + 1] == "{" ? "}" : "%"
      index += 2
      while index < source.count && !(source[index] == closing && at(index + 1, source) == "}") {
        if !isComment && (source[index] == "'" || source[index] == "\"") {
          texts.append(literal(in: source, from: &index))
        } else {
          index += 1
        }
      }
      index = min(index + 2, source.count)
    }
    return texts
  }

  /// The index of the next `{{`, `{%` or `{#`; the end when there is none.
  private static func nextTag(in source: [Unicode.Scalar], from start: Int) -> Int {
    var index = start
    while index < source.count {
      if source[index] == "{", let next = at(index + 1, source), "{%#".unicodeScalars.contains(next)
      {
        return index
      }
      index += 1
    }
    return index
  }

  /// Reads the string literal whose quote is at `index` and moves behind it.
  private static func literal(in source: [Unicode.Scalar], from index: inout Int) -> String {
    let quote = source[index]
    var text: [Unicode.Scalar] = []
    index += 1
    while let scalar = at(index, source), scalar != quote {
      if scalar == "\\", let escaped = at(index + 1, source) {
        text.append(escaped == "n" ? "\n" : escaped == "t" ? "\t" : escaped)
        index += 2
      } else {
        text.append(scalar)
        index += 1
      }
    }
    index = min(index + 1, source.count)
    return string(text[...])
  }

  private static func at(_ index: Int, _ source: [Unicode.Scalar]) -> Unicode.Scalar? {
    index < source.count ? source[index] : nil
  }

  private static func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
    var text = String.UnicodeScalarView()
    text.append(contentsOf: scalars)
    return String(text)
  }
}
