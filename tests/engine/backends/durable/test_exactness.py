"""What durable-rules would get wrong if values were passed unchanged: loose comparisons, exponents, hashes, lengths, nulls."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from engine.backends.durable.ruleset import BATCH, MAX_PROPERTIES, write_value
from engine.expression.types import MAX_INT
from tests.engine.backends.durable.both import both, example
from tests.sampling import sample

SIGNS = ("==", "!=", "<", "<=", ">", ">=")


def test_texts_that_look_like_other_values_are_texts():
    texts = (
        "1",
        "01",
        "1.0",
        "true",
        "false",
        "null",
        "",
        "=",
        "#",
        "\\",
        '"',
        "'",
        "é",
        "\\u00e9",
        "a\nb",
        "😀",
    )
    pairs = both(example({"a": "string", "b": "string"}, "a == b", "a != b", 'a in ["1", "true", ""]'))
    for a in texts:
        for b in texts:
            expected = (a == b, a != b, a in ("1", "true", ""))
            assert pairs.matched(a=a, b=b) == tuple(f"rule-{n}" for n, holds in enumerate(expected) if holds)


@pytest.mark.parametrize("length", [4_999, 5_000, 5_001, 8_192])
def test_long_texts_differ_at_their_last_character(length):
    pairs = both(example({"a": "string", "b": "string", "c": "{list: string}"}, "a == b", "a in c"))
    text = "😀" * (length - 1)
    assert pairs.matched(a=text + "x", b=text + "x", c=[text + "y"]) == ("rule-0",)
    assert pairs.matched(a=text + "x", b=text + "y", c=[text + "y", text + "x"]) == ("rule-1",)


def test_texts_whose_short_hashes_collide_are_distinguished():
    pairs = both(example({"a": "string", "b": "string"}, "a == b"))
    assert pairs.matched(a="user-129599", b="user-732382") == ()


PARTS = ("", "a", "ab", " ", "!", '"', "\\", "~", "é", "😀", "A b", "'", "a" * 500)


@pytest.mark.parametrize("part", sample(PARTS, every=5))
def test_texts_are_searched_for_what_sorts_oddly(part):
    functions = ("startsWith", "endsWith", "contains")
    rules = [f"{sign}a.{name}(part)" for name in functions for sign in ("", "!")]
    text = example({"a": "string"}, *rules)
    pairs = both(
        text.replace(
            "rules:",
            f"parameters: {{part: {{type: string, value: {json.dumps(part, ensure_ascii=False)}}}}}\nrules:",
        )
    )
    around = ("", "x", "a", " ", "!", '"', "\\", "\x7f", "~", "é", "\u0610", "😀", "a" * 501)
    for text in (before + between + after for before in around for between in ("", part) for after in around):
        holds = [getattr(text, name)(part) for name in ("startswith", "endswith", "__contains__")]
        expected = [f"rule-{2 * n + (not held)}" for n, held in enumerate(holds)]
        assert pairs.matched(a=text) == tuple(expected)


def test_whole_numbers_are_exact_to_the_last():
    numbers = (-MAX_INT, 1 - MAX_INT, -1, 0, 1, MAX_INT - 1, MAX_INT)
    pairs = both(
        example({"a": "int", "b": "int"}, *(f"a {s} b" for s in SIGNS), "a + b == b - a", "a + 1 > b + b")
    )
    for a in numbers:
        for b in numbers:
            pairs.matched(a=a, b=b)
    assert "rule-1" in pairs.matched(a=MAX_INT, b=MAX_INT - 1)


def test_doubles_are_exact_from_the_smallest_to_the_largest():
    numbers = (-1e300, -0.1, -0.0, 0.0, 5e-324, 1e-300, 1e-5, 0.1, 0.1 + 0.2, 0.3, 1.0, 2e20, 1e300)
    sums = ("a + b == b + a", "a + 0.1 > b + 0.2", "a - b == 0.0", "0.3 == a + b", "-a < b")
    pairs = both(example({"a": "double", "b": "double"}, *(f"a {s} b" for s in SIGNS), *sums))
    for a in numbers:
        for b in numbers:
            pairs.matched(a=a, b=b)
    assert pairs.matched(a=0.1 + 0.2, b=0.3)[0] == "rule-1"
    assert pairs.matched(a=0.1, b=0.2)[-2:] == ("rule-6", "rule-10")


def test_moments_differ_by_a_microsecond():
    pairs = both(
        example({"a": "timestamp", "b": "timestamp", "d": "duration"}, "a + d == b", "a + d < b", "b - a < d")
    )
    last = datetime(2199, 12, 31, 23, 59, 59, 999_999, UTC)
    for start in (datetime(1970, 1, 1, tzinfo=UTC), last - timedelta(days=36_000)):
        for after, expected in ((0, ("rule-0",)), (1, ("rule-1",)), (-1, ("rule-2",))):
            b = start + timedelta(days=36_000 - 1) + timedelta(microseconds=after)
            assert pairs.matched(a=start, b=b, d=timedelta(days=36_000 - 1)) == expected


def test_values_have_no_exponents():
    assert [write_value(v) for v in (1e-5, 2e20, -0.0, 1.0, True, 1, "é")] == [
        "0.00001",
        "200000000000000000000.0",
        "0.0",
        "1.0",
        "true",
        "1",
        '"=\\u00e9"',
    ]


def test_what_is_null_is_neither_equal_nor_unequal():
    conditions = (
        "a == null",
        "a != null && a > b",
        "a == null || a <= b",
        "b > 1 && (a != null ? a == b : b == 2)",
    )
    pairs = both(example({"a": "int?", "b": "int"}, *conditions))
    assert pairs.matched(a=None, b=2) == ("rule-0", "rule-2", "rule-3")
    assert pairs.matched(b=3) == ("rule-0", "rule-2")
    assert pairs.matched(a=3, b=2) == ("rule-1",)
    assert pairs.matched(a=2, b=2) == ("rule-2", "rule-3")


def test_null_on_the_right_is_not_compared():
    conditions = ("b != null && a < b", "c != null && b != null && a - b > c + 1")
    pairs = both(example({"a": "int", "b": "int?", "c": "int?"}, *conditions))
    for b in (None, 1, 9):
        for c in (None, -9, 9):
            pairs.matched(a=5, b=b, c=c)


@pytest.mark.parametrize("number", [0, 1, 2, BATCH, BATCH + 1, 1_000])
def test_items_that_are_alike_are_counted_each(number):
    conditions = (
        f"size(l.filter(x, x == 1)) == {number}",
        "l.exists_one(x, x == 1)",
        "l.all(x, x == 1)",
        "1 in l",
    )
    pairs = both(example({"l": "{list: int}"}, *conditions))
    expected = (True, number == 1, True, number > 0)
    assert pairs.matched(l=[1] * number) == tuple(f"rule-{n}" for n, holds in enumerate(expected) if holds)


def test_items_are_compared_with_items_around_them():
    facts = {"l": "{list: {n: int?, k: {list: int}}}", "limit": "int"}
    conditions = (
        "l.exists(x, x.k.exists(y, x.n != null && y == x.n + limit))",
        "l.all(x, l.exists_one(y, y.n == null ? x.n == null : x.n != null && x.n == y.n))",
        "l.exists(x, size(x.k.filter(y, y > limit)) > 1)",
    )
    pairs = both(example(facts, *conditions))
    assert pairs.matched(l=[{"n": 1, "k": [3]}, {"n": None, "k": [9, 9]}], limit=2) == (
        "rule-0",
        "rule-1",
        "rule-2",
    )
    assert pairs.matched(l=[{"n": 1, "k": [3]}, {"n": 1, "k": []}], limit=3) == ()


def test_no_two_names_or_ids_have_one_hash():
    """durable-rules identifies properties and facts by 32-bit hashes of their names and ids."""
    names = [*(f"p{n}" for n in range(MAX_PROPERTIES)), "on", "id", "sid", "$s", "$forward"]
    for texts in (names, [*(str(n) for n in range(BATCH)), "sid-" + "0" * 16]):
        assert len({fnv(text) for text in texts}) == len(texts)


def fnv(text: str) -> int:
    value = 2166136261
    for byte in text.encode():
        value = (value ^ byte) * 16777619 % 2**32
    return value
