/// The smallest part of a template that means something.
struct Token: Sendable {
  /// What it is.
  enum Kind: Hashable, Sendable {
    /// Text outside of tags.
    case text(JinjaText)
    /// `{{` and `}}`
    case outputBegin, outputEnd
    /// `{%` and `%}`
    case tagBegin, tagEnd
    case name(String)
    case string(String)
    case int(Int)
    case float(Double)
    case symbol(String)
    /// Behind the last one.
    case end
  }

  /// What it is.
  let kind: Kind
  /// The line that it begins on.
  let line: Int

  /// How errors name it.
  var words: String {
    switch kind {
    case .text: "text"
    case .outputBegin: "'{{'"
    case .outputEnd: "'}}'"
    case .tagBegin: "'{%'"
    case .tagEnd: "'%}'"
    case .name(let name): "'\(name)'"
    case .string: "a text"
    case .int, .float: "a number"
    case .symbol(let symbol): "'\(symbol)'"
    case .end: "the end of the template"
    }
  }
}
