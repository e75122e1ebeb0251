"""The typed tree is a closed union: every `match` over it names all kinds, so that a new kind fails the type check."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from engine.expression import typed

ENGINE = Path(typed.__file__).parents[1]
KINDS = {kind.__name__ for kind in get_args(typed.Typed)}


def open_matches(source: str) -> Iterator[int]:
    """The lines of `match` statements over the typed tree that do not end in `assert_never`."""
    for node in ast.walk(ast.parse(source)) if "match " in source else ():
        if isinstance(node, ast.Match) and is_over_the_tree(node) and not is_closed(node):
            yield node.lineno


def is_over_the_tree(match: ast.Match) -> bool:
    classes = (
        part.cls for case in match.cases for part in ast.walk(case) if isinstance(part, ast.MatchClass)
    )
    return any(
        isinstance(c, ast.Attribute) and ast.unparse(c.value) == "t" and c.attr in KINDS for c in classes
    )


def is_closed(match: ast.Match) -> bool:
    return ast.unparse(match.cases[-1].body[0]).startswith("assert_never(")


@pytest.mark.parametrize("path", sorted(ENGINE.rglob("*.py")), ids=lambda path: str(path.relative_to(ENGINE)))
def test_every_match_over_the_tree_is_closed(path: Path) -> None:
    assert list(open_matches(path.read_text())) == []


def test_open_match_is_noticed() -> None:
    source = "match node:\n    case t.Const():\n        pass\n    case _:\n        "
    assert (list(open_matches(source + "pass")), list(open_matches(source + "assert_never(node)"))) == (
        [1],
        [],
    )
