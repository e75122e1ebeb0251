"""What Python a condition becomes, where another would give the same answers, only slower."""

import ast

import pytest

from engine.emitter import Emitter
from engine.expression.checker import check
from engine.expression.functions import FUNCTIONS, pattern
from engine.expression.parser import parse
from engine.expression.scope import Scope
from engine.expression.types import BOOL, STRING, Type

SCOPE = Scope({"sure": BOOL, "text": STRING, "words": Type("list", item=STRING)}, {}, {})


def emitted(text: str) -> tuple[str, dict[str, object]]:
    """The Python expression, and the constants that it needs."""
    typed, problems = check(parse(text), SCOPE, Type("error"))
    assert problems == []
    emitter = Emitter({}, {})
    return ast.unparse(emitter.emit(typed)), emitter.constants


@pytest.mark.parametrize(
    ("text", "python"),
    [
        ("size(words)", "len(f_words)"),
        ('text.contains("x")', "'x' in f_text"),
        ('text.startsWith("x")', "f_text.startswith('x')"),
        ('text.endsWith("x")', "f_text.endswith('x')"),
        ("text.trim()", "f_text.strip()"),
    ],
)
def test_function_that_python_has_needs_no_constant(text: str, python: str) -> None:
    assert emitted(text) == (python, {})


def test_pattern_is_compiled_once() -> None:
    assert emitted('text.matches("x") || text.matches("y+")') == (
        "r_0.search(f_text) is not None or r_1.search(f_text) is not None",
        {"r_0": pattern("x"), "r_1": pattern("y+")},
    )


def test_other_function_is_a_constant() -> None:
    assert emitted("text.lowerAscii()") == (
        "fn_lowerAscii(f_text)",
        {"fn_lowerAscii": FUNCTIONS["lowerAscii"].run},
    )
