"""The meaning of expressions by example: a text, its type, and its value for these facts at this time.

Durations and timestamps are integer microseconds, as inside the engine.
"""

from engine.bundle import Bundle
from engine.expression.quantity import parse_timestamp
from engine.expression.types import DAY
from tests.engine.policies import bundle_of

AT = parse_timestamp("2026-03-01T12:00:00Z")
FACTS = {
    "count": 3,
    "ratio": 0.5,
    "text": "Ann",
    "sure": True,
    "moment": "2026-02-01T12:00:00Z",
    "span": "36h",
    "color": "red",
    "closed": None,
    "opened": "2026-03-01T12:00:00Z",
    "words": ["b", "a", "b"],
    "items": [{"by": "Ann", "marks": [1, 2]}, {"by": "Bob", "marks": []}],
}
POLICY = """\
policy: meanings
version: 1
effective_from: 2026-01-01T00:00:00Z
facts:
  count: int
  ratio: double
  text: string
  sure: bool
  moment: timestamp
  span: duration
  color: {{enum: [red, blue]}}
  closed: timestamp?
  opened: timestamp?
  words: {{list: string}}
  items: {{list: {{by: string, marks: {{list: int}}}}}}
parameters:
  limit: {{type: int, value: 5}}
  names: {{list: string, value: [Ann, Bob]}}
conditions:
  many: count > 2
  few: "!many"
  ann: items.exists(i, i.by == text)
outcomes: [allow, deny]
on_error: deny
rules: []
otherwise: {{id: otherwise, then: deny}}
outputs:
  found: {{type: {type}, value: '{text}'}}
"""
MEANINGS = [
    ("count", "int", 3),
    ("limit", "int", 5),
    ("now", "timestamp", AT),
    ("moment", "timestamp", AT - 28 * DAY),
    ("closed", "timestamp?", None),
    ("true", "bool", True),
    ("-7", "int", -7),
    ("0.25", "double", 0.25),
    ('"x"', "string", "x"),
    ("days(2)", "duration", 2 * DAY),
    ("days(0)", "duration", 0),
    ("days(1)", "duration", DAY),
    ("-count", "int", -3),
    ("-ratio", "double", -0.5),
    ("-span", "duration", -DAY * 3 // 2),
    ("count + 1", "int", 4),
    ("count - 1", "int", 2),
    ("ratio - 0.25", "double", 0.25),
    ("now - moment", "duration", 28 * DAY),
    ("moment + span", "timestamp", AT - 28 * DAY + DAY * 3 // 2),
    ("count == 3", "bool", True),
    ("count == 4", "bool", False),
    ("count != 3", "bool", False),
    ("count != 4", "bool", True),
    ("count < 3", "bool", False),
    ("count < 4", "bool", True),
    ("count <= 3", "bool", True),
    ("count <= 2", "bool", False),
    ("count > 3", "bool", False),
    ("count > 2", "bool", True),
    ("count >= 3", "bool", True),
    ("count >= 4", "bool", False),
    ("!sure", "bool", False),
    ("sure && count == 4", "bool", False),
    ("sure && count == 3 && text == \"Ann\"", "bool", True),
    ("!sure || count == 4", "bool", False),
    ("!sure || count == 4 || count == 3", "bool", True),
    ("closed == null", "bool", True),
    ("closed != null", "bool", False),
    ("opened == null", "bool", False),
    ("opened != null", "bool", True),
    ("closed != null && closed < now", "bool", False),
    ("opened == null || opened < now", "bool", False),
    ("sure ? count : limit", "int", 3),
    ("!sure ? count : limit", "int", 5),
    ("sure ? null : moment", "timestamp?", None),
    ('text in ["Bob", "Ann"]', "bool", True),
    ('text in ["Bob", "Cid"]', "bool", False),
    ('"Ann" in [text]', "bool", True),
    ("text in names", "bool", True),
    ('"b" in words', "bool", True),
    ("text in words", "bool", False),
    ('color == "red"', "bool", True),
    ("size(words)", "int", 3),
    ("size(text)", "int", 3),
    ('text.startsWith("A")', "bool", True),
    ('text.startsWith("n")', "bool", False),
    ('text.endsWith("nn")', "bool", True),
    ('text.endsWith("A")', "bool", False),
    ('text.contains("n")', "bool", True),
    ('text.contains("nA")', "bool", False),
    ('"n".contains(text)', "bool", False),
    ('text.matches("n+")', "bool", True),
    ('text.matches("^n")', "bool", False),
    ('text.matches("n+") && text.matches("^A") && !text.matches("^n")', "bool", True),
    ("text.lowerAscii()", "string", "ann"),
    ('" x ".trim()', "string", "x"),
    ('words.exists(w, w == "a")', "bool", True),
    ('words.exists(w, w == "c")', "bool", False),
    ('words.all(w, w == "b")', "bool", False),
    ('words.all(w, w != "c")', "bool", True),
    ('words.exists_one(w, w == "a")', "bool", True),
    ('words.exists_one(w, w == "b")', "bool", False),
    ('words.exists_one(w, w == "c")', "bool", False),
    ('words.filter(w, w == "b")', "{list: string}", ["b", "b"]),
    ('words.filter(w, w == "c")', "{list: string}", []),
    ("words.map(w, size(w) + count)", "{list: int}", [4, 4, 4]),
    ("items.map(i, i.by)", "{list: string}", ["Ann", "Bob"]),
    ("items.filter(i, i.by != text).map(i, size(i.marks))", "{list: int}", [0]),
    ("items.exists(i, i.marks.exists(m, m == size(words) - 1 && i.by == text))", "bool", True),
    ("items.all(i, i.marks.exists(m, m > 0))", "bool", False),
    ("items.exists(i, ann && i.by == \"Bob\")", "bool", True),
    ("many", "bool", True),
    ("few", "bool", False),
    ("few || many && ann", "bool", True),
]  # fmt: skip


def bundle_with(text: str, type_: str) -> Bundle:
    return bundle_of(POLICY.format(text=text, type=type_))
