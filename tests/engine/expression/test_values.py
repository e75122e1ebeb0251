"""The different forms of a value agree."""

import pytest

from engine.expression.quantity import parse_duration, parse_timestamp
from engine.expression.types import Type
from engine.expression.values import format_value, show, show_value, to_json, to_python

MOMENT = parse_timestamp("2026-03-01T12:00:00Z")
HOURS, DAYS = parse_duration("60h"), parse_duration("7d")
DURATION, TIMESTAMP, STRING = Type("duration"), Type("timestamp"), Type("string")
LOANS = Type("list", item=Type("record", fields=(("lent", TIMESTAMP), ("left", DURATION), ("kind", STRING))))


@pytest.mark.parametrize(
    ("value", "type_", "json"),
    [
        (None, Type("timestamp", optional=True), None),
        (True, Type("bool"), True),
        (7, Type("int"), 7),
        (0.5, Type("double"), 0.5),
        ("x", STRING, "x"),
        (MOMENT, TIMESTAMP, "2026-03-01T12:00:00Z"),
        (HOURS, DURATION, "60h"),
        (-DAYS, DURATION, "-7d"),
        ([HOURS, DAYS], Type("list", item=DURATION), ["60h", "7d"]),
        (
            [{"lent": MOMENT, "left": DAYS, "kind": "book"}],
            LOANS,
            [{"lent": "2026-03-01T12:00:00Z", "left": "7d", "kind": "book"}],
        ),
    ],
)
def test_json_of_a_value_is_json_of_its_python_form(value, type_, json):
    assert show(value, type_) == to_json(to_python(value, type_)) == json


@pytest.mark.parametrize(
    ("value", "kind", "yaml", "words"),
    [
        (True, "bool", "true", "yes"),
        (HOURS, "duration", "60h", "60 hours"),
        (DAYS, "duration", "7d", "7 days"),
        (DAYS // 7, "duration", "1d", "1 day"),
        (MOMENT, "timestamp", "2026-03-01T12:00:00Z", "2026-03-01T12:00:00Z"),
    ],
)
def test_what_people_read_and_what_yaml_holds(value, kind, yaml, words):
    assert (format_value(value, Type(kind)), show_value(value, Type(kind))) == (yaml, words)
