"""When an expected value equals an output, and how values are written."""

import pytest

from documents.nodes import parse_documents
from documents.source import Source
from engine.cases.case import to_value
from engine.cases.values import equal, in_yaml, means, misread
from engine.expression.types import BOOL, DOUBLE, DURATION, INT, STRING, TIMESTAMP, Type

MOMENT = "2026-03-02T00:00:00Z"
LENGTHS = Type("list", item=DURATION)
STAY = Type("record", fields=(("length", DURATION), ("nights", INT)))


@pytest.mark.parametrize(
    ("expected", "actual", "type_"),
    [
        ("24h", "1d", DURATION),
        ("1440m", "1d", DURATION),
        ("1000ms", "1s", DURATION),
        ("-24h", "-1d", DURATION),
        ("0d", "0s", DURATION),
        ("0.5ms", "0.5ms", DURATION),
        ("2026-03-02T01:00:00+01:00", MOMENT, TIMESTAMP),
        ("2026-03-02t00:00:00z", MOMENT, TIMESTAMP),
        ("2026-03-02T00:00:00.000Z", MOMENT, TIMESTAMP),
        (1, 1.0, DOUBLE),
        (1.5, 1.5, DOUBLE),
        (None, None, DURATION),
        (["24h", "60m"], ["1d", "1h"], LENGTHS),
        ({"length": "24h", "nights": 1}, {"length": "1d", "nights": 1}, STAY),
    ],
)
def test_one_value_written_in_two_ways_is_equal(expected, actual, type_):
    assert means(expected, actual, type_)


@pytest.mark.parametrize(
    ("expected", "actual", "type_"),
    [
        ("25h", "1d", DURATION),
        ("-1d", "1d", DURATION),
        ("a day", "1d", DURATION),
        (24, "1d", DURATION),
        ("1d", None, DURATION),
        (None, "1d", DURATION),
        ("2026-03-02T00:00:00+01:00", MOMENT, TIMESTAMP),
        ("2026-03-02", MOMENT, TIMESTAMP),
        (True, 1.0, DOUBLE),
        (True, 1, INT),
        (1.0, 1, INT),
        ("24h", "1d", STRING),
        ("e\u0301", "é", STRING),
        (1, True, BOOL),
        (["24h"], ["1d", "1h"], LENGTHS),
        ({"length": "24h"}, {"length": "1d", "nights": 1}, STAY),
        ({"length": "24h", "nights": 2}, {"length": "1d", "nights": 1}, STAY),
        ("1d", ["1d"], LENGTHS),
    ],
)
def test_other_values_are_not_equal(expected, actual, type_):
    assert not means(expected, actual, type_)


def test_without_a_type_values_are_compared_strictly():
    assert not equal({"a": [1]}, {"a": [True]})
    assert equal({"a": [1, None]}, {"a": [1, None]})


@pytest.mark.parametrize(
    ("expected", "type_", "message"),
    [
        ("24 hours", DURATION, "`24 hours` is no duration, such as `36h`"),
        (24, DURATION, "`24` is no duration, such as `36h`"),
        ("2026-03-02", TIMESTAMP, "`2026-03-02` is no timestamp, such as `2026-03-01T12:00:00Z`"),
        ("24h", DURATION, None),
        ("-24h", DURATION, None),
        (None, DURATION, None),
        (24, INT, None),
    ],
)
def test_value_that_the_type_cannot_have_is_reported(expected, type_, message):
    assert misread(expected, type_) == message


@pytest.mark.parametrize(
    "value",
    [
        None, True, False, 0, -3, 1.5, "a", "due[low]", "", " a", "a: b", "a #b", "true", "no", "1", "1.0", "null", "~",
        "2026-03-01T12:00:00Z", "24h", "-", "- a", "?", "&a", "*a", "!a", "%a", "@a", "`a`", "'a'", '"a"', "a\nb", "|", ">",
        [1, [True, None], "a, b"], {"a": {"b": "c: d"}, "d": []},
    ],
)  # fmt: skip
def test_value_in_yaml_is_read_back(value):
    [node], problems = parse_documents(Source("", f"[{in_yaml(value)}]"))
    assert (to_value(node), problems) == ([value], [])
