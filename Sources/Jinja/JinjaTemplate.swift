/// A template in the language of Jinja, as far as chat templates use it.
///
/// It gives the text that the `jinja2` package gives when Hugging Face's libraries render a chat with it
/// (tags alone on a line take the line, lists and mappings cannot be changed), or an error that
/// says where and why. A hostile template can neither run for ever nor take all memory.
/// docs/TEMPLATES.md says what is built in.
package struct JinjaTemplate: Sendable {
  /// More than a template of any model has.
  static let lengthLimit = 1 << 20

  private let statements: [Statement]

  /// Reads a template.
  package init(_ source: String) throws(JinjaError) {
    guard source.utf8.count <= Self.lengthLimit else {
      throw .limit("the template is longer than \(Self.lengthLimit) bytes")
    }
    statements = try Parser.statements(of: source)
  }

  /// The text that the template makes.
  ///
  /// - Parameters:
  ///   - names: what its names stand for.
  ///   - date: what `strftime_now` is told.
  /// - Returns: the text; each scalar has the mark that it had in `names`, or 0.
  /// - Throws: where the template refuses, does what its values do not allow, or does not end.
  package func render(
    _ names: [String: JinjaValue], date: JinjaDate
  ) throws(JinjaError) -> JinjaText {
    var interpreter = Interpreter(names: names, date: date)
    return try interpreter.output(of: statements)
  }
}
