import Jinja
import Testing

/// What a stranger's template may do: say no, and nothing worse.
@Suite struct LimitTests {
  private func render(_ source: String) throws(JinjaError) -> String {
    try JinjaTemplate(source).render(["l": .list([.int(1)])], date: GoldenRenderTests.date).string
  }

  private func error(of source: String) -> JinjaError? {
    do throws(JinjaError) {
      _ = try render(source)
      return nil
    } catch { return error }
  }

  @Test(arguments: [
    "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}",
    "{{ 'x' * 100000000000 }}", "{{ [1] * 100000000000 }}",
    "{% set ns = namespace(x='ab') %}{% for i in range(99) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
    "{% set ns = namespace(x=[1]) %}{% for i in range(99) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
    "{% set ns = namespace(x=[]) %}{% for i in range(9999) %}{% set ns.x = [ns.x] %}{% endfor %}",
    "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
    "{{ ('ab' * 4000).replace('a', 'b' * 400000) }}",
    "{{ ('a ' * 99999).split() | join('b' * 999999) }}",
    "{{ 'a'.center(100000000000) }}", "{{ '%100000000d' % 1 }}", "{{ '{:>100000000}'.format(1) }}",
    "{{ 'a'|indent(10000000000, true) }}", "{{ l|tojson(indent=100000) }}", "{{ range(10 ** 9) }}",
    "{{ 10 ** 30 }}", "{{ 9223372036854775807 + 1 }}", "{{ 99999999999999999999 }}",
    "{{ l|batch(100000000000, 0)|list }}",
  ])
  func `what would take too long or too much ends in an error`(source: String) {
    #expect(error(of: source)?.code == .limit)
  }

  @Test func `brackets, signs, tags and chains cannot be nested without end`() {
    func nested(_ open: String, _ inner: String, _ close: String, _ count: Int) -> String {
      String(repeating: open, count: count) + inner + String(repeating: close, count: count)
    }
    for source in [
      "{{ " + nested("(", "1", ")", 9999) + " }}", "{{ " + nested("[", "", "]", 9999) + " }}",
      "{{ " + nested("-", "1", "", 9999) + " }}", "{{ " + nested("not ", "1", "", 9999) + " }}",
      "{{ 1" + nested(" + 1", "", "", 9999) + " }}", "{{ 1" + nested("|abs", "", "", 9999) + " }}",
      "{{ l" + nested("[0]", "", "", 9999) + " }}",
      "{{ 1" + nested(" if 1 else 1", "", "", 9999) + " }}",
      nested("{% if 1 %}", "", "{% endif %}", 9999),
      nested("{% for x in l %}", "x", "{% endfor %}", 9999),
    ] {
      #expect(error(of: source)?.code == .limit, "\(source.prefix(20))")
    }
  }

  @Test(arguments: [
    ("a\n{% include 'x' %}", "unsupported construct 'include' at line 2"),
    ("a\n\n{{ 1|urlize }}", "unsupported construct filter 'urlize' at line 3"),
    ("{{ 1 is escaped }}", "unsupported construct test 'escaped' at line 1"),
    ("{% for x in l recursive %}{% endfor %}", "unsupported construct 'for … recursive' at line 1"),
    ("\n{{ raise_exception('No system.') }}", "the template refuses at line 2: No system."),
    ("{{ a.b }}", "line 1: 'a' is undefined, and so has no 'b'"),
    ("{{ 1 + 'a' }}", "line 1: '+' does not go with a number and a text"),
    ("x\n{% if 1 %}", "line 2: 'elif' or 'else' or 'endif' is missing"),
    ("{{ 1", "line 1: the tag that begins here has no end"),
    ("{% macro f() %}\n{{ 1 / 0 }}{% endmacro %}{{ f() }}", "line 2: a division by zero"),
  ])
  func `an error says what and on which line`(source: String, message: String) {
    #expect(error(of: source)?.description == message)
  }

  @Test func `lists and mappings cannot be changed`() {
    for source in ["{{ l.append(2) }}", "{{ {'a': 1}.update(b=2) }}", "{{ {'a': 1}.pop('a') }}"] {
      #expect(error(of: source)?.code == .failed)
    }
  }
}
