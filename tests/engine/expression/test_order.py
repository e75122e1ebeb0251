"""The order in which conditions are checked, and cycles in it."""

import pytest

from engine.expression.order import in_dependency_order
from engine.expression.parser import parse


def ordered(**texts: str) -> tuple[list[str], list[str]]:
    return in_dependency_order({name: parse(text) for name, text in texts.items()})


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        ({}, []),
        ({"a": "x"}, ["a"]),
        ({"a": "b", "b": "x"}, ["b", "a"]),
        ({"a": "x", "b": "a"}, ["a", "b"]),
        ({"a": "b && c", "b": "c", "c": "x"}, ["c", "b", "a"]),
        ({"a": "xs.exists(i, b || i.c)", "b": "x", "c": "x"}, ["b", "a", "c"]),
        ({"a": "x ? b : [c] == y", "b": "c", "c": "x"}, ["c", "b", "a"]),
    ],
)
def test_each_condition_comes_after_those_that_it_names(texts: dict[str, str], order: list[str]) -> None:
    assert ordered(**texts) == (order, [])


@pytest.mark.parametrize(
    ("texts", "order", "loops"),
    [
        ({"a": "a"}, [], ["a"]),
        ({"a": "b", "b": "a"}, ["b"], ["a"]),
        ({"a": "b", "b": "c", "c": "b"}, ["c", "a"], ["b"]),
        ({"a": "a", "b": "b", "c": "x"}, ["c"], ["a", "b"]),
        ({"a": "b && c", "b": "a", "c": "a"}, ["b", "c"], ["a"]),
    ],
)
def test_one_condition_of_each_circle_is_left_out(
    texts: dict[str, str], order: list[str], loops: list[str]
) -> None:
    assert ordered(**texts) == (order, loops)


def test_long_chain_is_ordered_without_recursion() -> None:
    order, loops = ordered(**{f"c{n}": f"c{n + 1}" for n in range(3_000)})
    assert (order[0], order[-1], loops) == ("c2999", "c0", [])
