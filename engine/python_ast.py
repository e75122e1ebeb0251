"""Short names for building a Python `ast`, and a function that runs it."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any


def load(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def store(name: str) -> ast.Name:
    return ast.Name(name, ast.Store())


def call(function: ast.expr, *args: ast.expr) -> ast.Call:
    return ast.Call(function, list(args), [])


def index(value: ast.expr, key: Any) -> ast.expr:
    return ast.Subscript(value, ast.Constant(key), ast.Load())


def function(name: str, arguments: list[str], body: list[ast.stmt]) -> ast.FunctionDef:
    parameters = ast.arguments([], [ast.arg(a) for a in arguments], None, [], [], None, [])
    return ast.FunctionDef(name, parameters, body, [])


def run(functions: list[ast.stmt], constants: Mapping[str, Any]) -> dict[str, Any]:
    """Compile function definitions and return them by name. They can use only these constants and a few harmless built-ins."""
    module = ast.fix_missing_locations(ast.Module(functions, []))
    code = compile(module, "<policy>", "exec")
    namespace: dict[str, Any] = {"__builtins__": _BUILTINS, **constants}
    exec(code, namespace)
    return namespace


_BUILTINS = {f.__name__: f for f in (len, min, max, set, sorted, type, str, int, float, dict, list, KeyError)}
