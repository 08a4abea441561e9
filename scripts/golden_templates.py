#!/usr/bin/env python3
"""Renders chat templates and small templates with the jinja2 package, for Tests/JinjaTests.

    python3 -m venv /tmp/jinja && /tmp/jinja/bin/pip install jinja2==3.1.6
    /tmp/jinja/bin/python scripts/golden_templates.py golden
    /tmp/jinja/bin/python scripts/golden_templates.py check PROGRAM FOLDER
    /tmp/jinja/bin/python scripts/golden_templates.py random PROGRAM SEED COUNT

`golden` writes Tests/JinjaTests/Golden/renders.jsonl and expressions.jsonl anew. `check` compares all
templates of a folder, and `random` small templates made by chance, with a program that reads lines
{"template": ..., "context": ...} and writes lines {"ok": text} or {"error": ..., "code": ...};
mappings are given as {"__pairs__": [[key, value], ...]}. jinja2 is set up as Hugging Face's
libraries set it up for chats.
"""

import collections
import copy
import datetime
import json
import pathlib
import random
import subprocess
import sys
import warnings

import jinja2
import jinja2.sandbox
from jinja2 import nodes
from jinja2.ext import Extension, loopcontrols

GOLDEN = pathlib.Path(__file__).parent.parent / "Tests/JinjaTests/Golden"
NOW = datetime.datetime(2024, 7, 5, 14, 3, 9)


class Generation(Extension):
    """`{% generation %}`: marks what an assistant says, and writes it as it is."""

    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return nodes.CallBlock(self.call_method("_write"), [], [], body).set_lineno(line)

    def _write(self, caller):
        return caller()


def raise_exception(message):
    raise jinja2.exceptions.TemplateError(message)


def tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(
        value, ensure_ascii=ensure_ascii, indent=indent, separators=separators,
        sort_keys=sort_keys)


ENVIRONMENT = jinja2.sandbox.ImmutableSandboxedEnvironment(
    trim_blocks=True, lstrip_blocks=True, extensions=[Generation, loopcontrols])
ENVIRONMENT.filters["tojson"] = tojson
ENVIRONMENT.globals["raise_exception"] = raise_exception
ENVIRONMENT.globals["strftime_now"] = NOW.strftime


def render(template, context):
    try:
        return {"ok": template.render(**copy.deepcopy(context))}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


def said(*messages):
    return [{"role": role, "content": content} for role, content in messages]


CHATS = {
    "one question": said(("user", "Hi")),
    "system": said(("system", "Be brief."), ("user", "  Hi\n")),
    "turns": said(("system", "S"), ("user", "a"), ("assistant", "b"), ("user", "c")),
    "spaces at the ends": said(
        ("user", " a "), ("assistant", " b "), ("user", " c "), ("assistant", "d"),
        ("user", "\n\ne\n")),
    "nothing": said(("user", ""), ("assistant", ""), ("user", "")),
    "no instructions": said(("system", ""), ("user", "q"), ("assistant", "a"), ("user", "r")),
    "signs": said(
        ("user", "é 😀 <|im_end|> 'x' \"y\" \\n {{ x }}"), ("assistant", "ünï"), ("user", "x")),
    "reasoning": said(
        ("user", "q"), ("assistant", "<think>\nhm\n</think>\n\nanswer"), ("user", "q2"),
        ("assistant", "<think>b</think>c"), ("user", "q3")),
    "reasoning in the last answer": said(
        ("user", "q"), ("assistant", "<think>\nhm\n</think>\n\nanswer")),
    "switches": said(("system", "/no_think be"), ("user", "q /think")),
    "two questions": said(("user", "q"), ("user", "r")),
    "reasoning apart": [
        {"role": "user", "content": "q"},
        {"role": "assistant", "content": "answer", "reasoning_content": "\nbecause\n"},
        {"role": "user", "content": "z"}],
    "answer first": said(("assistant", "starts"), ("user", "q")),
}
SETTINGS = {
    "": {}, "thinking": {"enable_thinking": True}, "not thinking": {"enable_thinking": False}}


def context(chat, settings, adds_prompt):
    return {
        "messages": chat, "tools": None, "documents": None, "add_generation_prompt": adds_prompt,
        "bos_token": "<s>", "eos_token": "</s>", **settings}


VALUES = {
    "s": "Hello World", "t": " héllo\n ", "n": 3, "f": 2.5, "l": ["b", "a", "C", 1, 2],
    "d": {"k": "v", "b": [1, None, True], "a": {"x": 1.0}}, "e": [], "no": None, "yes": True,
    "m": [{"role": "user", "content": "hi", "n": 2},
          {"role": "assistant", "content": "Yo", "n": 1, "x": None}],
}

EXPRESSIONS = r"""
{{ -3 // 2 }} {{ 7 % -3 }} {{ 7 / 2 }} {{ 2 ** 10 }} {{ 1e3 }} {{ 1e20 }} {{ 0.00001 }} {{ 1 + true }}
{{ 'a' ~ 1 ~ none ~ true ~ 2.5 }} {{ 'ab' * 3 }} {{ [1] * 2 + [3] }} {{ (1, 'x') }} {{ (1,) }}
{{ [1, 2.0, 'it\'s', none, true, {'k': "v'\""}] }} {{ '\t\x41\u00e9\d' }} {{ ['\n\x07é\u200b'] }}
{{ 1 < 2 < 3 }} {{ 1 < 3 < 2 }} {{ 'a' in 'cat' }} {{ 'z' not in l }} {{ 'k' in d }} {{ 1 == 1.0 == true }}
{{ s[0] }}{{ s[-1] }}{{ s[1:4] }}{{ s[::-1] }}{{ s[::2] }}{{ s[-3:] }}{{ l[-1::-2] }}{{ s[99] }}{{ l[5:] }}
{{ d.k }}{{ d['k'] }}{{ d.zz }}{{ d.get('zz', 1) }}{{ d.items() }}{{ d.keys()|list }}{{ m[1].x }}{{ m.0.role }}
{{ not no and yes }} {{ no or 'x' }} {{ yes and 0 }} {{ 'a' if no else 'b' }}{{ 'a' if no }} {{ u }}{{ u is defined }}
{{ t.strip() }}|{{ t.lstrip() }}|{{ t.rstrip('\n ') }}|{{ 'xxaxx'.strip('x') }}|{{ t|trim|upper }}
{{ 'a,b,,c'.split(',') }}{{ ' a  b '.split() }}{{ 'a,b,c'.split(',', 1) }}{{ 'a,b,c'.rsplit(',', 1) }}{{ 'a\nb\r\nc'.splitlines() }}
{{ s.startswith('He') }}{{ s.endswith(('x', 'ld')) }}{{ s.replace('l', 'L', 2) }}{{ s.find('o') }}{{ s.count('l') }}{{ s.title() }}
{{ '%s is %d and %5.2f%%' % ('x', 3, 2.5) }}{{ '{} {1} {n:>5} {0!r}'.format('a', n='b') if no else '{} {n:>5}|{:04d}'.format('a', 7, n='b') }}
{{ l|join(', ') }}{{ m|map(attribute='role')|join('-') }}{{ m|join('+', attribute='n') }}{{ ['a', 'b']|map('upper')|list }}
{{ m|selectattr('n', 'gt', 1)|map(attribute='role')|list }}{{ m|rejectattr('x', 'defined')|list|length }}{{ [0, 1, none]|select|list }}
{{ d|tojson }}{{ d|tojson(indent=2) }}{{ 'é"\n\u007f'|tojson }}{{ 'é😀'|tojson(ensure_ascii=true) }}{{ [1.0, 1e20, none]|tojson }}{{ []|tojson(indent=1) }}
{{ d|dictsort }}{{ d|items|list }}{{ l[:3]|sort }}{{ [3, 1, 2]|sort(reverse=true) }}{{ m|sort(attribute='n')|map(attribute='n')|list }}{{ ['a', 'A', 'b']|unique|list }}
{{ 'a\nb\n\nc'|indent }}|{{ 'a\nb'|indent(2, true) }}|{{ 'a\n\nb'|indent(1, blank=true) }}|{{ ''|indent(2) }}
{{ '12'|int + 1 }}{{ 'x'|int(7) }}{{ '3.9'|int }}{{ '2.5'|float }}{{ 2.567|round(1) }}{{ -3|abs }}{{ 'ab'|first }}{{ l|last }}{{ [3, 1]|min }}{{ [1, 2]|sum }}
{{ u|default('D') }}{{ ''|default('D', true) }}{{ no|default('D') }}{{ 'hello wORLD-x (y)'|title }}{{ 'hELLO'|capitalize }}{{ [1, 2, 3]|batch(2)|list }}
{{ 1 is number }}{{ true is number }}{{ true is integer }}{{ 'a' is string }}{{ l is sequence }}{{ d is mapping }}{{ l is iterable }}{{ 4 is divisibleby 2 }}{{ no is none }}
{% for x in l %}{{ loop.index }}{{ loop.first }}{{ loop.last }}{{ loop.revindex0 }}{{ x }}{{ loop.previtem }}{{ loop.nextitem }};{% endfor %}
{% for x in range(5) if x is odd %}{{ loop.index }}:{{ x }} {% else %}none{% endfor %}{% for x in [] %}{% else %}none{% endfor %}{% for k, v in d.items() %}{{ k }}={{ v }} {% endfor %}
{% for x in range(6) %}{% if x == 1 %}{% continue %}{% endif %}{% if x == 4 %}{% break %}{% endif %}{{ x }}{{ loop.cycle('a', 'b') }}{% endfor %}
{% set x = 1 %}{% for i in [1, 2] %}{% set x = x + i %}{{ x }}{% endfor %}{{ x }}{% set ns = namespace(a=0) %}{% for i in [1, 2] %}{% set ns.a = ns.a + i %}{% endfor %}{{ ns.a }}
{% macro f(a, b=2, c=a) %}{{ a }}{{ b }}{{ c }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ f(1) }}{{ f(1, 3, 4, 5, z=6) }}{{ f('x', c='y')|upper }}
{% macro f(x) %}[{{ caller(x) }}]{% endmacro %}{% call(y) f(3) %}{{ y }}{{ n }}{% endcall %}{% filter upper %}abc{{ s }}{% endfilter %}{% set z | trim %} q {% endset %}{{ z }}
{% macro r(k) %}{% if k %}{{ k }}{{ r(k - 1) }}{% endif %}{% endmacro %}{{ r(4) }}{% with a = 1, b = 2 %}{{ a + b }}{% endwith %}{% generation %}g{% endgeneration %}
{% set a, b = 1, 2 %}{{ a }}{{ b }}{% if a == 2 %}x{% elif b == 2 %}y{% else %}z{% endif %}{{ {'a': 1, 2: 'b'} }}{{ dict(a=1, b=[]) }}{{ [1, [2, [3]]] }}
a  {%- if yes -%}  b  {%- endif %}  c{{- ' d ' -}}  e {# note #} f {#- note -#} g{% raw %} {{ x }} {% endraw %}h{%- raw -%} {% y %} {%- endraw -%} i
{{ strftime_now('%d %b %Y, %A %B %-d %H:%M %p %j %y') }}{{ none|map('upper')|list }}{{ 'a' 'b' }}{{ {'a': {'b': [1]}}.a.b[0] }}{{ 'x' if no is none }}
{{ 1 }}{{ u.v }}
{{ 1 + 'a' }}
{{ l.append(1) }}
{{ raise_exception('no') }}
""".strip().split("\n") + [
    "  {% if yes %}\n  a\n  {% endif %}\n b\n", "{% if yes +%}\n a{% endif %}\n\n c",
    "\n  {%+ if yes %} a\n{%- endif %}\n", "a\r\n{% if yes %}\r\nb\r{% endif %}\r\n",
    "{{ s }}\n\n", "  {{ s }}  \n  {# x #}\n  y", "{% for x in [1, 2] %}\n  {{ x }}\n{% endfor %}\n",
    "{% set x %}\n a {{ s }}\n{% endset %}[{{ x }}]", "x {%- if yes %}\n  y{% endif -%}  \n z",
]


def golden():
    """Writes the two golden files."""
    with open(GOLDEN / "renders.jsonl", "w") as file:
        for path in sorted((GOLDEN / "templates").glob("*.jinja")):
            template = ENVIRONMENT.from_string(path.read_text())
            for name, chat in CHATS.items():
                for setting, values in SETTINGS.items():
                    if values and "enable_thinking" not in path.read_text():
                        continue
                    for adds_prompt in (True, False):
                        result = render(template, context(chat, values, adds_prompt))
                        line = {
                            "template": path.name, "chat": name, "messages": chat,
                            "add_generation_prompt": adds_prompt, **values}
                        line["text"] = result.get("ok")
                        file.write(json.dumps(line, ensure_ascii=False) + "\n")
    with open(GOLDEN / "expressions.jsonl", "w") as file:
        for source in EXPRESSIONS:
            result = render(ENVIRONMENT.from_string(source), VALUES)
            line = {"template": source, "text": result.get("ok")}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def encoded(value):
    if isinstance(value, dict):
        return {"__pairs__": [[encoded(key), encoded(item)] for key, item in value.items()]}
    return [encoded(item) for item in value] if isinstance(value, (list, tuple)) else value


def compare(program, cases):
    """Gives all cases to `program`, and says where it and jinja2 differ."""
    lines = [json.dumps({"template": source, "context": encoded(values)}) for source, values in cases]
    output = subprocess.run([program], input="\n".join(lines).encode() + b"\n", capture_output=True)
    answers = [json.loads(line) for line in output.stdout.split(b"\n") if line]
    counts, templates = collections.Counter(), {}
    for (source, values), ours in zip(cases, answers, strict=True):
        try:
            if source not in templates:
                templates = {source: ENVIRONMENT.from_string(source)}
            theirs = render(templates[source], values)
        except jinja2.TemplateError as error:
            theirs = {"error": str(error)}
        if "ok" in theirs and theirs["ok"] == ours.get("ok"):
            counts["equal"] += 1
        elif "error" in theirs:
            counts["both refuse" if "error" in ours else "only jinja2 refuses"] += 1
        elif ours.get("code") == "unsupported" or " object at 0x" in theirs["ok"]:
            counts["not built in"] += 1
        else:
            counts["different"] += 1
            print(f"template {source[:800]!r}\n  jinja2 {theirs['ok']!r}\n  ours   {ours!r}")
    print(dict(counts))
    return counts["different"] == 0


def check(program, folder):
    equal = True
    for path in sorted(pathlib.Path(folder).glob("*.jinja")):
        source = path.read_text()
        print(path.name, end=" ")
        equal &= compare(program, [
            (source, context(chat, values, adds_prompt)) for chat in CHATS.values()
            for values in SETTINGS.values() for adds_prompt in (True, False)])
    return equal


class Chance:
    """Templates made by chance."""

    TEXTS = ["''", "'a'", "'Ab c'", "' x '", "'\\n'", "'é'", '"It\'s"', "'q\"q'", "'a,b,c'",
             "'12'", "'ẞß'", "'😀 z'", "'<b>'", "'x y-z (w)'"]
    NAMES = ["s", "t", "n", "f", "l", "d", "e", "u", "m", "no", "yes"]
    METHODS = """strip() lstrip() rstrip() upper() lower() title() capitalize() swapcase() split()
        split(',',1) rsplit('o',1) startswith('H') endswith('d') replace('l','LL') strip('Hd')
        items() keys() values() get('k') get('z',5) k role x.y splitlines() isdigit() isalpha()
        isupper() find('o') count('l') join(['a','b']) zfill(5) partition('o') rpartition('o')
        center(9) ljust(8) index(1)""".split()
    FILTERS = """trim upper lower length string int float abs list first last reverse sort
        unique|list join join(',') default('D') default('D',true) tojson tojson(indent=2)
        tojson(ensure_ascii=true) capitalize title items|list dictsort map('upper')|list
        map(attribute='role')|list selectattr('n')|list rejectattr('x','defined')|list
        selectattr('role','equalto','user')|list select('string')|list reject('none')|list sum
        min max replace('l','L') indent indent(2,true) wordcount round round(1) int(7) trim('H')
        batch(2)|list sort(reverse=true) dictsort(true) join('|',attribute='role')""".split()
    TESTS = """defined undefined none string number integer float boolean true false mapping
        sequence iterable odd even divisibleby(3) eq(3) in(l) lt(4) upper lower""".split()
    OPERATORS = "+ - * / // % ~ == != < <= > >= in and or".split()

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.pick = self.random.choice

    def value(self, depth=0):
        inner = lambda: self.value(depth + 1)
        leaf = lambda: self.pick(
            [self.pick(self.TEXTS), self.pick(self.NAMES), str(self.random.randint(-3, 12)),
             self.pick(["0.5", "2.0", "1e3", "true", "false", "none"])])
        if depth > 3:
            return leaf()
        base = lambda: self.pick([self.pick(self.NAMES), self.pick(self.TEXTS), f"({inner()})"])
        place = lambda: self.pick(
            [inner(), "::-1", "1:", ":-1", "-3:4", "::2", str(self.random.randint(-4, 4))])
        return self.pick([
            leaf, leaf, lambda: f"({inner()} {self.pick(self.OPERATORS)} {inner()})",
            lambda: f"(not {inner()})", lambda: f"({inner()} if {inner()} else {inner()})",
            lambda: f"[{inner()}, {inner()}]", lambda: f"{{'a': {inner()}, 1: {inner()}}}",
            lambda: f"{base()}[{place()}]", lambda: f"{base()}.{self.pick(self.METHODS)}",
            lambda: f"{base()}|{self.pick(self.FILTERS)}",
            lambda: f"({base()} is {self.pick(['', 'not '])}{self.pick(self.TESTS)})",
            lambda: f"range({self.random.randint(-2, 5)})|list", lambda: f"({inner()}, {inner()})",
        ])()

    def tag(self, text):
        return "{%" + self.pick(["", "", "-", "+"]) + f" {text} " + self.pick(["", "-", "+"]) + "%}"

    def template(self, depth=0):
        tag, value = self.tag, self.value
        body = lambda: self.template(depth + 1) if depth < 2 else self.pick(["x", " \n", "\n a"])
        pieces = []
        for _ in range(self.random.randint(1, 3)):
            pieces.append(self.pick([
                lambda: "{{" + self.pick(["", "-"]) + f" {value()} " + self.pick(["", "-"]) + "}}",
                lambda: self.pick([" ", "\n", "  \n", "a\n", "\n\n", "text ", "{#- c -#}", "{# c #}\n"]),
                lambda: tag(f"if {value(1)}") + body() + tag("else") + body() + tag("endif"),
                lambda: tag(f"for x in {self.pick(['l', 'm', 's', value(2)])}") + "{{ loop.index }}"
                + "{{ x }}" + body() + tag("else") + "none" + tag("endfor"),
                lambda: tag("set y" + self.pick(["", "|upper"])) + body() + tag("endset") + "{{ y }}",
                lambda: tag(f"macro f(a, b={value(2)})") + body() + "{{ a }}{{ b }}" + tag("endmacro")
                + f"{{{{ f({value(2)}) }}}}",
                lambda: tag(f"set ns = namespace(a={value(2)})") + tag("for x in range(3)")
                + tag("if x == 1") + "{% continue %}" + tag("endif") + tag("set ns.a = x")
                + tag("endfor") + "{{ ns.a }}",
            ])())
        return "".join(pieces)


def by_chance(program, seed, count):
    chance = Chance(seed)
    return compare(program, [(chance.template(), VALUES) for _ in range(count)])


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    command, arguments = sys.argv[1], sys.argv[2:]
    if command == "golden":
        golden()
    elif command == "check":
        sys.exit(0 if check(*arguments) else 1)
    else:
        sys.exit(0 if by_chance(arguments[0], int(arguments[1]), int(arguments[2])) else 1)
