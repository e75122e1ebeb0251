"""What the checker reports for an expression, and how it reads one that has no mistake: every word, every span.

An entry of `reports/*.txt` begins with the kind of expression and the expression itself, where `⏎` stands for a line break. To
add one, write such a line and run `pytest --update-golden`; review the rest in the diff.
"""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from engine.expression import typed as t
from engine.expression.arithmetic_checker import sums_in
from engine.expression.checker import check, missing_row
from engine.expression.intervals import EXACT, asks_for_bounds, interval, numbers_in, of_items
from engine.expression.parser import parse
from engine.expression.problem import ExpressionProblem, IncompleteTable
from engine.expression.scope import Known, NamedCondition, Scope, TableShape, choices_of, consequences
from engine.expression.types import (
    BOOL,
    DOUBLE,
    DURATION,
    ERROR,
    INT,
    MAX_DOUBLE,
    MAX_ITEMS,
    STRING,
    TIMESTAMP,
    Type,
    decimal,
)

FOLDER = Path(__file__).with_name("reports")
ENTRY = re.compile(r"^=== (?:(set) )?([\w ?]+): (.*)$", re.MULTILINE)


def optional(type_: Type) -> Type:
    return replace(type_, optional=True)


def bounded(type_: Type, low: int | None, high: float | None = None) -> Type:
    return replace(type_, minimum=low, maximum=high)


def enum(*members: str) -> Type:
    return Type("enum", members=members)


def record(**fields: Type) -> Type:
    return Type("record", fields=tuple(fields.items()))


def list_of(item: Type, most: int = MAX_ITEMS) -> Type:
    return Type("list", item=item, max_items=most)


CENTS = decimal(2)
SIZE = enum("small", "large")
ZONE = enum(*"abcdefgh")
TRIP = record(
    town=STRING, count=bounded(INT, 0, 9), price=bounded(CENTS, 0, 5000), back_at=optional(TIMESTAMP)
)
FACTS = {
    "paid": BOOL,
    "vip": optional(BOOL),
    "amount": INT,
    "risk": INT,
    "seats": bounded(INT, 1, 12),
    "debt": bounded(INT, -5, -1),
    "offset": bounded(INT, -3, 4),
    "spare": optional(bounded(INT, 0, 8)),
    "weight": DOUBLE,
    "load": optional(DOUBLE),
    "wide": bounded(DOUBLE, 0, MAX_DOUBLE),
    "price": bounded(CENTS, 0, 100_000),
    "fee": CENTS,
    "tip": bounded(CENTS, 0),
    "rebate": optional(bounded(CENTS, 0, 900)),
    "rate": bounded(decimal(4), 1, 10_000),
    "tenth": bounded(decimal(1), -20, 20),
    "exact": decimal(9),
    "speck": bounded(decimal(9), 0, 3),
    "loss": bounded(CENTS, None, 0),
    "dip": optional(bounded(decimal(1), 0, 9)),
    "zilch": bounded(INT, 0, 0),
    "huge": bounded(INT, 0, 10**12),
    "name": STRING,
    "note": optional(STRING),
    "length": INT,
    "fallback": optional(SIZE),
    "kyc": enum("none", "pending", "verified"),
    "size_of_box": SIZE,
    "plan": optional(enum("free", "pro")),
    "sent_at": TIMESTAMP,
    "closed_at": optional(TIMESTAMP),
    "waited": DURATION,
    "grace": optional(DURATION),
    "items": list_of(record(code=STRING, due_at=TIMESTAMP)),
    "words": list_of(STRING),
    "hints": optional(list_of(STRING)),
    "scores": list_of(bounded(INT, -2, 7), 5),
    "gaps": list_of(optional(INT)),
    "shares": list_of(DOUBLE),
    "costs": list_of(bounded(CENTS, 0, 2000), 3),
    "trips": list_of(TRIP, 20),
    "flags": list_of(record(on=BOOL, kind=SIZE)),
    "owner": record(id=STRING, age=bounded(INT, 0, 150), since=optional(TIMESTAMP), balance=CENTS, tags=list_of(STRING)),
    "agent": optional(record(level=INT, badge=STRING, rank=DOUBLE)),
    "big": record(**{f"part_{n}": INT for n in range(10)}, word=STRING),
    "bigs": list_of(record(**{f"part_{n}": INT for n in range(10)})),
    "month": enum(*(f"month_{n}" for n in range(1, 14))),
    "ones": list_of(record(only=INT)),
    "depot": record(lane=enum("fast", "slow"), closed=BOOL),
    "spare_depot": optional(record(lane=enum("fast", "slow"))),
    "route": record(start=ZONE, end=ZONE),
    "request": record(amount=INT, total=INT),
    "unread": ERROR,
}  # fmt: skip
FEES = record(
    size=SIZE, cost=bounded(CENTS, 150, 990), days=bounded(INT, 1, 3), label=STRING, share=DOUBLE, factor=decimal(9)
)  # fmt: skip
TARIFFS = record(town=STRING, seats=INT, cost=CENTS)
BOXES = record(size_of_box=SIZE, cost=CENTS)
BRIEF = record(lane=enum("fast", "slow"))
TABLES = {
    "fees": TableShape((("size", SIZE),), FEES, frozenset([("small",), ("large",)])),
    "tariffs": TableShape(
        (("town", STRING), ("seats", INT)), TARIFFS, frozenset([("Bern", 2), ("Basel", 2), ("Bern", 4)])
    ),
    "lines": TableShape(
        (("start", STRING), ("end", STRING)),
        record(start=STRING, end=STRING, cost=CENTS),
        frozenset([("Bern", "Basel"), ("Bern", "Zug")]),
    ),
    "switches": TableShape((("on", BOOL),), record(on=BOOL, days=INT), frozenset([(True,)])),
    "lanes": TableShape((("lane", BRIEF.fields[0][1]),), BRIEF, frozenset([("fast",)])),
    "torn": TableShape((("lane", BRIEF.fields[0][1]),), BRIEF, frozenset(), unread=True),
    "boxes": TableShape((("size_of_box", SIZE),), BOXES, frozenset([("small",), ("large",)])),
    "lengths": TableShape((("month", FACTS["month"]),), record(month=FACTS["month"], days=INT), frozenset()),
    "zones": TableShape((("zone", ZONE),), record(zone=ZONE, days=INT), frozenset()),
    "bands": TableShape((("over", decimal(3)),), record(over=decimal(3), days=INT), frozenset()),
    "keyless": TableShape((), BRIEF, frozenset()),
}
PARAMETERS = {
    "limit": bounded(INT, 10, 10),
    "window": DURATION,
    "start": TIMESTAMP,
    "vat": bounded(CENTS, 19, 19),
    "never": bounded(INT, 0, 0),
    "towns": list_of(STRING, 2),
    **{name: list_of(shape.row, len(shape.rows)) for name, shape in TABLES.items()},
}
OUTPUTS = {"total": True, "verdict": False, "town": True, "risk": True, "label": True}
NAMED = {
    "value box": "fees.row(size_of_box)",
    "value lane": 'lanes.row(paid ? "fast" : "slow")',
    "value here": "tariffs.row(name, seats)",
    "value pace": 'paid ? "fast" : "slow"',
    "value area": "seats * limit",
    "value double_fee": "fee + fee",
    "value both": "seats + limit",
    "value mode": 'paid ? "small" : "large"',
    "value late_by": "closed_at != null ? now - closed_at : null",
    "value left": "rebate != null ? price - rebate : price",
    "when closed": "closed_at != null",
    "when open": "closed_at == null",
    "when full": "seats == 12 && spare != null",
    "when free": "amount != 0",
}
EXPECTED = {
    "when": BOOL,
    "row": BOOL,
    "value": None,
    **{str(type_): type_ for type_ in (INT, DOUBLE, STRING, TIMESTAMP, DURATION)},
    **{f"{type_}?": optional(type_) for type_ in (INT, DOUBLE, STRING, TIMESTAMP, DURATION)},
    "bool?": optional(BOOL),
    "decimal": CENTS,
    "decimal?": optional(CENTS),
    "tenths": decimal(1),
    "nano": decimal(9),
    "enum": SIZE,
    "enum?": optional(SIZE),
    "strings": list_of(STRING),
    "ints": list_of(INT),
    "decimals": list_of(CENTS),
    "decimals?": optional(list_of(CENTS)),
    "record": record(id=STRING),
    "unknown": ERROR,
}


def scope_of(named: dict[str, NamedCondition], **variables: Type) -> Scope:
    return Scope(FACTS, PARAMETERS, named, variables, tables=TABLES, outputs=OUTPUTS)


def make_named() -> dict[str, NamedCondition]:
    named: dict[str, NamedCondition] = {}
    for key, text in NAMED.items():
        kind, name = key.split()
        scope = scope_of(named)
        typed, problems = check(parse(text), scope, EXPECTED[kind], text)
        assert problems == []
        named[name] = NamedCondition(*consequences(typed, named))
        if kind == "value":
            named[name] = NamedCondition(
                type=typed.type,
                sums=sums_in(typed, named),
                missing=missing_row(typed, scope),
                interval=interval(typed, named) if typed.type.kind in EXACT else None,
                asks_for_bounds=asks_for_bounds(typed, named),
                numbers=numbers_in(typed, named),
                choices=choices_of(typed, named),
            )
    return named


SCOPE = scope_of(make_named())


def report_of(heading: str) -> str:
    match = ENTRY.fullmatch(heading)
    assert match is not None
    text, lines = match[3].replace("⏎", "\n"), [heading]
    scope = scope_of(dict(SCOPE.conditions), row=FEES) if match[2] == "row" else SCOPE
    try:
        typed, problems = check(parse(text), scope, EXPECTED[match[2]], text, in_rule=match[1] is not None)
    except ExpressionProblem as problem:
        return "\n".join([*lines, *told(problem, match.start(3))])
    for problem in problems:
        lines += told(problem, match.start(3))
    if not problems:
        lines += [*read(typed, text), *known_of(typed, scope)]
    elif typed != t.Const(ERROR, (0, len(text)), None):
        lines += ["   read as:", *read(typed, text)]
    return "\n".join(lines)


def told(problem: ExpressionProblem, at: int) -> list[str]:
    start, end = problem.span
    lines = [f"{' ' * (at + start)}{'^' * (end - start)} {problem.code}: {problem.message}"]
    lines += [f"   hint: {problem.hint}"] if problem.hint is not None else []
    lines += [f"   of: {shown(problem.of)}"] if problem.of is not None else []
    lines += [f"   row: {problem.table} {problem.key}"] if isinstance(problem, IncompleteTable) else []
    return lines


def read(node: t.Typed, text: str, depth: int = 1) -> list[str]:
    """The typed tree, with all that a node says in addition to its type and place."""
    said = [getattr(node, name) for name in node.__match_args__ if name not in ("type", "span")]
    plain = [repr(part) for part in said if not isinstance(part, t.Node | tuple)]
    line = f"{'   ' * depth}{' '.join([type(node).__name__, *plain])}, {shown(node.type)}: {text[slice(*node.span)]}"
    return [line, *(part for child in node.children() for part in read(child, text, depth + 1))]


def shown(type_: Type) -> str:
    """A type with its bounds."""
    numbers = type_.item or type_
    words = [str(type_)]
    if (numbers.minimum, numbers.maximum) != (None, None):
        words.append(f"from {numbers.minimum} to {numbers.maximum}")
    if type_.max_items != MAX_ITEMS:
        words.append(f"of at most {type_.max_items}")
    return " ".join(words)


def known_of(node: t.Typed, scope: Scope) -> list[str]:
    """What else the checker finds out about an expression."""
    named, item = scope.conditions, node.type.item
    if_true, if_false = consequences(node, named)
    choices = choices_of(node, named)
    said = {
        "units": interval(node, named) if node.type.kind in EXACT else None,
        "units of an item": of_items(node, named) if item is not None and item.kind in EXACT else None,
        "computed with": {name: shown(type_) for name, type_ in numbers_in(node, named)},
        "needs bounds": asks_for_bounds(node, named),
        "sums": sums_in(node, named),
        "one of": choices if choices != (False, True) else (),
        "missing row": missing_row(node, scope),
        "if true": paths(if_true),
        "if false": paths(if_false),
    }
    return [
        f"   {name}: {tuple(what) if isinstance(what, tuple) else what}"
        for name, what in said.items()
        if what
    ]


def paths(known: Known) -> str:
    return ", ".join(" ".join(path) for path in sorted(known))


def entries() -> list[tuple[Path, str]]:
    return [
        (path, entry.strip("\n"))
        for path in sorted(FOLDER.glob("*.txt"))
        for entry in re.split(r"^(?==== )", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        if entry.strip()
    ]


def slug(entry: str) -> str:
    return re.sub(r"\W+", "_", entry.partition("\n")[0], flags=re.ASCII).strip("_")


@pytest.mark.parametrize(
    ("path", "entry"), [pytest.param(path, entry, id=slug(entry)) for path, entry in entries()]
)
def test_report_of_an_expression(path: Path, entry: str, update_golden: bool) -> None:
    report = report_of(entry.partition("\n")[0])
    if update_golden:
        written = f"\n{path.read_text(encoding='utf-8')}\n".replace(f"\n{entry}\n", f"\n{report}\n", 1)
        path.write_text(written[1:-1], encoding="utf-8")
    assert update_golden or report == entry


def test_no_expression_is_listed_twice() -> None:
    headings = [entry.partition("\n")[0] for _, entry in entries()]
    assert len(headings) == len(set(headings)) > 300
