"""Which null checks prove that an optional value is present, and which do not."""

import pytest

from engine.expression.checker import check
from engine.expression.parser import parse
from engine.expression.scope import NamedCondition, Scope, consequences
from engine.expression.types import BOOL, INT, STRING, TIMESTAMP, Type

OPTIONAL = Type("timestamp", optional=True)
ITEM = Type("record", fields=(("at", OPTIONAL), ("by", STRING)))
FACTS = {
    "a": OPTIONAL,
    "b": OPTIONAL,
    "sure": BOOL,
    "count": INT,
    "moment": TIMESTAMP,
    "items": Type("list", item=ITEM),
    "words": Type("list", item=Type("string", optional=True)),
    "maybe_words": Type("list", item=STRING, optional=True),
    "maybe_sure": Type("bool", optional=True),
}
SCOPE = Scope(FACTS, {}, {})


def with_conditions(**texts: str) -> Scope:
    named: dict[str, NamedCondition] = {}
    for name, text in texts.items():
        typed, problems = check(parse(text), Scope(FACTS, {}, named))
        assert problems == []
        named[name] = NamedCondition(*consequences(typed, named))
    return Scope(FACTS, {}, named)


NAMED = with_conditions(
    a_there="a != null",
    a_gone="a == null",
    both="a_there && b != null",
    late="a_there && a < now",
    either="a != null || b != null",
    not_gone="!a_gone",
    no_matter="a != null || sure",
)


def codes(text: str, scope: Scope = NAMED) -> list[str]:
    return [problem.code for problem in check(parse(text), scope)[1]]


@pytest.mark.parametrize(
    "text",
    [
        "a != null && a < now",
        "null != a && a < now",
        "a == null || a < now",
        "!(a == null) && a < now",
        "!(a != null) || a < now",
        "!!(a != null) && a < now",
        "sure && a != null && count > 1 && a < now",
        "(sure && a != null) && a < now",
        "a != null && (sure || a < now)",
        "a != null && b != null && a < b",
        "(a != null && b != null) ? a < b : sure",
        "a == null ? sure : a < now",
        "a == null || b == null || a < b",
        "!(a == null || b == null) && a < b",
        "(a == null || b == null) || a < b",
        "a != null && items.exists(i, i.by == 'x' && a < now)",
        "items.exists(i, i.at != null && i.at < now)",
        "items.all(i, i.at == null || i.at < now)",
        "items.filter(i, i.at != null).exists(j, j.at != null && j.at < now)",
        "words.exists(w, w != null && w == 'x')",
        "words.all(w, w == null || size(w) > 1)",
        "maybe_words != null && maybe_words.exists(w, w == 'x')",
        "maybe_words == null || size(maybe_words) == 0",
        "maybe_sure != null && maybe_sure",
        "(a == null ? moment : a) < now",
        "(sure ? a : b) != null",
        "a_there && a < now",
        "!a_gone && a < now",
        "a_gone || a < now",
        "both && a < b",
        "late && a > moment",
        "not_gone && a < now",
        "either || sure",
        "a != null && (b == null || a < b)",
        "a != null && a != null && a < now",
        "(a != null && sure || a != null && count > 1) && a < now",
        "!((a == null || sure) && (a == null || count > 1)) && a < now",
    ],
)
def test_value_that_is_proven_may_be_used(text: str) -> None:
    assert codes(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "a < now",
        "a < now && a != null",
        "a != null || a < now",
        "a == null && a < now",
        "(a != null || sure) && a < now",
        "!(a != null) && a < now",
        "a != null ? sure : a < now",
        "a == null ? a < now : sure",
        "b != null && a < now",
        "(a != null || b != null) && a < now",
        "!(a == null && b == null) && a < now",
        "(a != null && sure) || a < now",
        "items.exists(i, i.at < now)",
        "items.exists(i, i.at != null) && items.exists(i, i.at < now)",
        "items.all(i, i.at != null) && items.exists(j, j.at < now)",
        "items.filter(i, i.at != null).exists(j, j.at < now)",
        "words.exists(w, w == 'x')",
        "maybe_words.exists(w, w == 'x')",
        "size(maybe_words) > 0",
        "'x' in maybe_words",
        "maybe_sure",
        "!maybe_sure",
        "sure && maybe_sure",
        "(sure ? a : moment) < now",
        "either && a < now",
        "no_matter && a < now",
        "a_gone && a < now",
        "late || a < now",
        "!both && a < now",
    ],
)
def test_value_that_is_not_proven_may_not_be_used(text: str) -> None:
    assert codes(text) == ["may-be-null"]


@pytest.mark.parametrize(
    "text",
    [
        "moment != null",
        "count == null",
        "items.exists(i, i.by != null)",
        "null == null",
        "(sure ? a : b) != null && (sure ? moment : moment) != null",
    ],
)
def test_test_that_says_nothing_is_refused(text: str) -> None:
    assert codes(text) == ["needless-null-test"]
