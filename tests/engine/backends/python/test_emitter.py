"""The Python emitted for conditions, where a different form would give the same results more slowly."""

import ast
from dataclasses import replace

import pytest

from engine.backends.python.emitter import Emitter
from engine.expression.checker import check
from engine.expression.functions import FUNCTIONS, pattern
from engine.expression.parser import parse
from engine.expression.scope import Scope
from engine.expression.types import BOOL, STRING, Type
from engine.python_ast import call, function, load, run
from tests.engine.backends.python.test_compiler import bundle_of
from tests.engine.generated.values import NOW

SCOPE = Scope({"sure": BOOL, "text": STRING, "words": Type("list", item=STRING)}, {}, {})

PARAMETERS = """\
parameters:
  most: {type: int, value: 3}
  names: {list: string, value: [a, b]}
"""


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
    ],
)
def test_function_that_python_has_needs_no_constant(text: str, python: str) -> None:
    assert emitted(text) == (python, {})


def test_pattern_is_compiled_once() -> None:
    assert emitted('text.matches("x") || text.matches("y+")') == (
        "r_0.search(f_text) is not None or r_1.search(f_text) is not None",
        {"r_0": pattern("x"), "r_1": pattern("y+")},
    )


@pytest.mark.parametrize("name", ["lowerAscii", "trim"])
def test_other_function_is_a_constant(name: str) -> None:
    """`str.strip` without its argument would remove more than `trim` does."""
    assert emitted(f"text.{name}()") == (f"fn_{name}(f_text)", {f"fn_{name}": FUNCTIONS[name].run})


def test_list_of_a_parameter_is_a_constant_and_a_number_is_written_out() -> None:
    parameters = bundle_of(PARAMETERS).version_at("example", NOW).validated.policy.parameters
    emitter = Emitter({}, parameters)
    scope = replace(SCOPE, parameters={name: p.type for name, p in parameters.items()})
    typed, problems = check(parse("text in names || size(names) > most"), scope)
    assert problems == []
    assert ast.unparse(emitter.emit(typed)) == "f_text in s_names or len(p_names) > 3"
    assert emitter.constants == {"s_names": frozenset({"a", "b"}), "p_names": ("a", "b")}


@pytest.mark.parametrize("name", ["open", "eval", "getattr", "__import__"])
def test_compiled_code_has_no_dangerous_built_in(name: str) -> None:
    called = ast.Return(call(load(name), ast.Constant("x")))
    compiled = run([function("rules", ["facts"], [called])], {})["rules"]
    with pytest.raises(NameError):
        compiled({})


def test_compiled_code_has_constants_and_a_few_built_ins() -> None:
    called = ast.Return(call(load("len"), load("names")))
    compiled = run([function("rules", [], [called])], {"names": ("a", "b")})["rules"]
    assert compiled() == 2
    assert compiled.__code__.co_filename == "<policy>"
