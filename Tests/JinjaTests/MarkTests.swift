import Jinja
import Testing

/// Scalars keep the mark of where they came from, through all that can be done to a text.
@Suite struct MarkTests {
  /// The part of the output that came from `x`.
  private func said(_ source: String, _ text: String = "Ab,é") throws -> String {
    let names: [String: JinjaValue] = [
      "x": .text(JinjaText(text, mark: 7)),
      "m": .list([.mapping(["content": .text(JinjaText(text, mark: 7))])]),
    ]
    let output = try JinjaTemplate(source).render(names, date: GoldenRenderTests.date)
    #expect(output.runs.map(\.text).joined() == output.string)
    #expect(output.runs.allSatisfy { $0.mark == 0 || $0.mark == 7 })
    return output.runs.filter { $0.mark == 7 }.map(\.text).joined()
  }

  @Test(arguments: [
    ("A{{ x }}b", "Ab,é"), ("{{ 'Ab,é' }}", ""), ("{{ 'a' + x + 'b' }}", "Ab,é"),
    ("{{ 'a' ~ x ~ 1 }}", "Ab,é"), ("{{ x[1:] }}", "b,é"), ("{{ x[::-1] }}", "é,bA"),
    ("{{ x[0] }}", "A"), ("{{ x|upper }}", "AB,É"), ("{{ x.lower() }}", "ab,é"),
    ("{{ x|title }}{{ x.title() }}", "Ab,éAb,É"), ("{{ x|replace('b', 'ZZ') }}", "A,é"),
    ("{{ x.split(',')|join('+') }}", "Abé"), ("{{ x|trim('é') }}", "Ab,"),
    ("{{ [x]|string }}", "Ab,é"), ("{{ [x]|tojson }}", "Ab,é"), ("{{ '%s!' % x }}", "Ab,é"),
    ("{{ '<{}>'.format(x) }}", "Ab,é"), ("{% set y %}<{{ x }}>{% endset %}{{ y }}", "Ab,é"),
    ("{% macro f(a) %}[{{ a }}]{% endmacro %}{{ f(x) }}", "Ab,é"),
    ("{{ x|indent(1, true) }}", "Ab,é"),
    ("{% for c in x %}{{ c }}-{% endfor %}", "Ab,é"), ("{{ x * 2 }}", "Ab,éAb,é"),
    ("{{ m|map(attribute='content')|join }}", "Ab,é"), ("{{ x|length }}", ""),
    ("{{ x if x == 'Ab,é' else 'no' }}", "Ab,é"), ("{{ {'Ab,é': 1}[x] }}", ""),
    ("{{ x.center(9, '*') }}", "Ab,é"), ("{{ [x, x]|unique|join }}", "Ab,é"),
  ])
  func `what is done to a text keeps its marks`(source: String, expected: String) throws {
    #expect(try said(source) == expected)
  }

  @Test func `escapes are from where the scalar is that they stand for`() throws {
    #expect(try said("{{ [x]|tojson }}", "\"\n") == "\\\"\\n")
    #expect(try said("{{ [x] }}", "'\"\u{1}") == "\\'\"\\x01")
  }
}
