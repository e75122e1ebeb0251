"""Generated policies, as text, and generated facts that fit them: every construct of the language, over small domains, so that
conditions come out both ways."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

KINDS = ("red", "green", "blue")
START = datetime(2026, 1, 1, tzinfo=UTC)

FACTS = """\
facts:
  b1: bool
  b2: bool
  ob: bool?
  i1: int
  i2: int
  oi: int?
  d1: double
  d2: double
  s1: string
  s2: string
  os: string?
  e1: {enum: [red, green, blue]}
  oe: {enum: [red, green, blue], optional: true}
  t1: timestamp
  t2: timestamp
  ot: timestamp?
  p1: duration
  op: duration?
  words: {list: string}
  items:
    list:
      kind: {enum: [red, green, blue]}
      n: int
      ok: bool
      at: timestamp?
      tags: {list: string}
parameters:
  limit: {type: int, value: 1}
  window: {type: duration, value: 2d}
  names: {list: string, value: [a, b]}
  ranges:
    table: {color: {enum: [red, green, blue]}, name: string, low: int, high: int}
    key: [color, name]
    rows:
      - [red, a, 0, 2]
      - [red, b, -1, 1]
      - [green, a, 1, 3]
      - [blue, "", -3, 0]
"""

integers = st.integers(-3, 3)
doubles = st.sampled_from([-1.5, -0.0, 0.0, 0.25, 1.0, 2.5])
words = st.sampled_from(["", "a", "b", "ab", "A b", "é", "10", "9"])
moments = st.integers(-4, 4).map(lambda n: START + timedelta(hours=12 * n))
durations = st.integers(0, 6).map(lambda n: f"{12 * n}h")


def _record() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "kind": st.sampled_from(KINDS),
            "n": integers,
            "ok": st.booleans(),
            "tags": st.lists(words, max_size=2),
        },
        optional={"at": st.none() | moments},
    )


facts = st.fixed_dictionaries(
    {
        "b1": st.booleans(),
        "b2": st.booleans(),
        "i1": integers,
        "i2": integers,
        "d1": doubles,
        "d2": doubles,
        "s1": words,
        "s2": words,
        "e1": st.sampled_from(KINDS),
        "t1": moments,
        "t2": moments,
        "p1": durations,
        "words": st.lists(words, max_size=3),
        "items": st.lists(_record(), max_size=3),
    },
    optional={
        "ob": st.none() | st.booleans(),
        "oi": st.none() | integers,
        "os": st.none() | words,
        "oe": st.none() | st.sampled_from(KINDS),
        "ot": st.none() | moments,
        "op": st.none() | durations,
    },
)
"""Facts that fit; `now` is a moment of its own."""

ORDER = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
SAME = st.sampled_from(["==", "!="])
LISTS = ("names", "words", '["a", "é"]')
COLORS = ('["red", "blue"]', '["green"]')
PATTERNS = ('"^[a-z]+$"', '"b"', '"^$"')
MEMBERS = tuple(f'"{kind}"' for kind in KINDS)


class _Builder:
    """Draws conditions as text. `names` are the named conditions that may be used, `item` and `row` the variables in reach."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.names: list[str] = []
        self.variables = 0

    def pick(self, *options: Any) -> Any:
        return self.draw(st.sampled_from(options))

    def boolean(self, depth: int, item: str = "", row: str = "") -> str:
        if depth <= 0:
            return self.atom(item, row)
        kind = self.pick("atom", "atom", "and", "or", "not", "if", "null", "list", "name")
        left = lambda: self.boolean(depth - 1, item, row)  # noqa: E731 - drawn anew each time
        match kind:
            case "and" | "or":
                sign = " && " if kind == "and" else " || "
                return "(" + sign.join(left() for _ in range(self.draw(st.integers(2, 3)))) + ")"
            case "not":
                return f"!({left()})"
            case "if":
                return f"({left()} ? {left()} : {left()})"
            case "null":
                return self.guarded(depth, item, row)
            case "list":
                return self.over_list(depth, item, row)
            case "name" if self.names:
                return self.pick(*self.names)
        return self.atom(item, row)

    def atom(self, item: str, row: str) -> str:
        options = [
            lambda: self.pick("b1", "b2", "true", "false"),
            lambda: f"{self.integer(item, row)} {self.draw(ORDER)} {self.integer(item, row)}",
            lambda: f"{self.pick('d1', 'd2')} {self.draw(ORDER)} {self.pick('d1', 'd2', '0.25', '-1.5')}",
            lambda: f"{self.text(row)} {self.draw(SAME)} {self.text(row)}",
            lambda: f"e1 {self.draw(SAME)} {self.pick(*MEMBERS)}",
            lambda: f"{self.moment()} {self.draw(ORDER)} {self.moment()}",
            lambda: f"{self.span()} {self.draw(ORDER)} {self.span()}",
            lambda: f"{self.text(row)} in {self.pick(*LISTS)}",
            lambda: f"e1 in {self.pick(*COLORS)}",
            lambda: f"{self.text(row)}.{self.pick('startsWith', 'endsWith', 'contains')}({self.text(row)})",
            lambda: f"{self.text(row)}.matches({self.pick(*PATTERNS)})",
            lambda: (
                f"size({self.pick('words', 'items', 's1')}) {self.draw(ORDER)} {self.draw(st.integers(0, 3))}"
            ),
        ]
        if item:
            options += [
                lambda: f"{item}.ok",
                lambda: f"{item}.kind {self.draw(SAME)} {self.pick('e1', *MEMBERS)}",
                lambda: f"{item}.n {self.draw(ORDER)} {self.integer(item, row)}",
                lambda: f"({item}.at != null && {item}.at {self.draw(ORDER)} {self.moment()})",
                lambda: f"{item}.tags.exists(g{self.fresh()}, {self.text(row)} in {item}.tags)",
            ]
        if row:
            options += [lambda: f"{row}.color == e1", lambda: f"{row}.name == s1", lambda: f"i1 < {row}.high"]
        return str(self.pick(*options)())

    def fresh(self) -> int:
        self.variables += 1
        return self.variables

    def guarded(self, depth: int, item: str, row: str) -> str:
        """An optional fact, tested for null in one of the ways that the checker follows."""
        name, use = self.pick(
            ("ob", "ob"),
            ("oi", f"oi {self.draw(ORDER)} {self.integer(item, row)}"),
            ("os", f"os {self.draw(SAME)} {self.text(row)}"),
            ("oe", f"oe {self.draw(SAME)} e1"),
            ("ot", f"ot + {self.span()} {self.draw(ORDER)} {self.moment()}"),
            ("op", f"op {self.draw(ORDER)} {self.span()}"),
        )
        other = self.boolean(depth - 1, item, row)
        return str(
            self.pick(
                f"({name} != null && {use})",
                f"({name} == null || {use})",
                f"(!({name} == null) && {use} && {other})",
                f"({name} == null ? {other} : {use})",
                f"{name} {self.draw(SAME)} null",
            )
        )

    def over_list(self, depth: int, item: str, row: str) -> str:
        if item:
            return self.atom(item, row)
        variable = f"x{self.fresh()}"
        body = self.boolean(depth - 1, variable, row)
        kind = self.pick("exists", "all", "exists_one", "filter", "map", "words")
        match kind:
            case "filter":
                return f"size(items.filter({variable}, {body})) {self.draw(ORDER)} {self.draw(st.integers(0, 2))}"
            case "map":
                return f"{self.integer('', row)} in items.map({variable}, {variable}.n + i1)"
            case "words":
                return f"words.{self.pick('exists', 'all')}({variable}, {variable} {self.draw(SAME)} {self.text(row)})"
        return f"items.{kind}({variable}, {body})"

    def integer(self, item: str, row: str) -> str:
        options = ["i1", "i2", "limit", "i1 + i2", "i1 - 2", "-i2", "size(s1)", str(self.draw(integers))]
        options += [f"{item}.n", f"{item}.n + limit"] if item else []
        options += [f"{row}.low", f"{row}.high - 1"] if row else []
        return str(self.pick(*options))

    def text(self, row: str) -> str:
        options = ["s1", "s2", '"a"', '""', "s1.lowerAscii()", "s2.trim()", '(b1 ? s1 : "b")']
        return str(self.pick(*options, *([f"{row}.name"] if row else [])))

    def moment(self) -> str:
        return str(
            self.pick(
                "now",
                "t1",
                "t2",
                "t1 + window",
                "now - p1",
                'timestamp("2026-01-01T00:00:00Z")',
                "t2 + hours(36)",
            )
        )

    def span(self) -> str:
        return str(self.pick("p1", "window", "days(1)", "(p1 + hours(12))", "(t1 - t2)", "(window - p1)"))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@st.composite
def policies(draw: st.DrawFn) -> str:
    """The text of a policy that validates."""
    build = _Builder(draw)
    lines = ["policy: generated", "version: 1", "effective_from: 2020-01-01T00:00:00Z", FACTS.rstrip()]
    named = []
    for number in range(draw(st.integers(0, 3))):
        named.append(f"  c{number}: {_quoted(build.boolean(2))}")
        build.names.append(f"c{number}")
    lines += ["conditions:", *named] if named else []
    lines += [
        "outcomes: [low, middle, high]",
        "on_error: high",
        f"hit: {draw(st.sampled_from(['first', 'worst']))}",
        "rules:",
    ]
    for number in range(draw(st.integers(1, 5))):
        lines.append(_rule(draw, build, number))
    lines += ["otherwise: {id: none, then: high}", "outputs:"]
    lines += [f"  o1: {{type: bool, value: {_quoted(build.boolean(1))}}}"]
    lines += ["  o2: {type: timestamp?, value: 'ot != null ? ot + window : null'}"]
    lines += [f"  o3: {{type: int, value: {_quoted(build.integer('', ''))}}}"]
    return "\n".join(lines) + "\n"


def _rule(draw: st.DrawFn, build: _Builder, number: int) -> str:
    """`when` always asks for something, so that no rule gives the most permissive outcome for nothing."""
    row = "row" if draw(st.booleans()) and draw(st.booleans()) else ""
    each = ", for_each: {row: ranges}" if row else ""
    key = (
        draw(st.sampled_from(["row.color == e1 && ", "row.color == e1 && row.name == s1 && ", ""]))
        if row
        else ""
    )
    when = f"{key}({build.boolean(2, row=row)}) && i1 != 17"
    unless = f", unless: {_quoted(build.boolean(1, row=row))}" if draw(st.booleans()) else ""
    then = draw(st.sampled_from(["low", "middle", "high"]))
    return f"  - {{id: r{number}{each}, when: {_quoted(when)}{unless}, then: {then}}}"
