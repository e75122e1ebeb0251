"""The different forms of a value agree."""

import re
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.expression.quantity import FIRST, LAST, parse_duration, parse_timestamp
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


RFC_3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
CHARACTERS = "0123456789-+:.,TtZz Wx٣"
places = st.tuples(st.integers(0, 19), st.sampled_from(CHARACTERS))


@pytest.mark.fuzz
@given(
    st.datetimes(FIRST.replace(tzinfo=None), LAST.replace(tzinfo=None)),
    st.lists(places, max_size=3),
    st.text(CHARACTERS, max_size=2),
)
def test_nothing_but_rfc_3339_is_a_timestamp(
    moment: datetime, changes: list[tuple[int, str]], tail: str
) -> None:
    characters = list(moment.replace(microsecond=0).isoformat() + "Z")
    for place, character in changes:
        characters[place] = character
    text = "".join(characters) + tail
    parsed = parse_timestamp(text)
    assert parsed is None or RFC_3339.fullmatch(text)
    assert parsed is not None or changes or tail
