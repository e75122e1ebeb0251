"""The size of a condition with everything that it names inlined."""

import pytest

from engine.expression.checker import check
from engine.expression.parser import parse
from engine.expression.scope import NamedCondition, Scope
from engine.expression.size import MAX_DEPTH, MAX_PARTS, Size, size_of
from engine.expression.types import BOOL, STRING, Type

ITEM = Type("record", fields=(("by", STRING), ("tags", Type("list", item=STRING))))
SIZES = {"small": Size(3, 2, 0), "loop": Size(5, 3, 1), "two": Size(9, 4, 2)}
SCOPE = Scope(
    {"sure": BOOL, "xs": Type("list", item=STRING), "ys": Type("list", item=ITEM)},
    {},
    dict.fromkeys(SIZES, NamedCondition()),
)


def measured(text: str) -> Size:
    typed, problems = check(parse(text), SCOPE)
    assert problems == []
    return size_of(typed, SIZES)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("sure", Size(1, 1, 0)),
        ("!sure", Size(2, 2, 0)),
        ("sure && sure && sure", Size(4, 2, 0)),
        ("small", Size(4, 3, 0)),
        ("small && small", Size(9, 4, 0)),
        ("xs.exists(x, sure)", Size(3, 2, 1)),
        ("xs.exists(x, small)", Size(6, 4, 1)),
        ("xs.exists(x, loop)", Size(8, 5, 2)),
        ("xs.exists(x, two)", Size(12, 6, 3)),
        ("xs.filter(x, sure).exists(y, sure)", Size(5, 3, 1)),
        ("ys.exists(y, y.tags.exists(t, t == y.by))", Size(9, 5, 2)),
        ("loop && two", Size(17, 6, 2)),
    ],
)
def test_size(text: str, size: Size) -> None:
    assert measured(text) == size


@pytest.mark.parametrize(
    ("size", "problem"),
    [
        (Size(MAX_PARTS, MAX_DEPTH, 2), None),
        (Size(MAX_PARTS + 1, 1, 0), "has more than 3,000 parts"),
        (Size(1, MAX_DEPTH + 1, 0), "is nested deeper than 48 levels"),
        (Size(1, 1, 3), "searches lists more than 2 deep"),
    ],
)
def test_too_large(size: Size, problem: str | None) -> None:
    assert size.too_large() == problem
