"""The adapters of both surfaces only parse requests and contain no logic."""

import ast
from pathlib import Path

import pytest

import api

ROOT = Path(api.__file__).parent
DECIDING = (
    ast.If,
    ast.IfExp,
    ast.For,
    ast.While,
    ast.Try,
    ast.With,
    ast.Match,
    ast.BoolOp,
    ast.comprehension,
)
# Ninja's caller and its route registration are defined once, above the operations.
PLUMBING = {"serves", "caller", "caller_if_any"}


@pytest.mark.parametrize("file", ["views/assistant.py", "routers/assistant.py"])
def test_adapters_have_no_logic_and_few_lines(file):
    tree = ast.parse((ROOT / file).read_text())
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name not in PLUMBING]
    assert len(functions) >= 11
    for function in functions:
        branches = [type(node).__name__ for node in ast.walk(function) if isinstance(node, DECIDING)]
        assert branches == [], function.name
        assert function.end_lineno - function.lineno < 10, function.name
