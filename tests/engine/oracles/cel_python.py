"""CEL from the package `cel-python`, of which the engine uses only the grammar."""

import sys
from collections.abc import Callable
from functools import cache
from typing import Any

import celpy
from celpy import celtypes
from celpy.adapter import json_to_cel

from tests.engine.oracles.oracle import Oracle, Values


@cache
def environment() -> celpy.Environment:
    """The package raises the process-wide recursion limit, which would hide code that recurses too deeply."""
    limit = sys.getrecursionlimit()
    try:
        return celpy.Environment()
    finally:
        sys.setrecursionlimit(limit)


def lower_ascii(text: str) -> celtypes.StringType:
    return celtypes.StringType("".join(c.lower() if c.isascii() else c for c in text))


def trimmed(text: str) -> str:
    """Oracles that use this function do not verify it; `cel_cpp.py` does."""
    return text.strip("".join(c for c in text if c.isspace() and not "\x1c" <= c <= "\x1f"))


def trim(text: str) -> celtypes.StringType:
    return celtypes.StringType(trimmed(text))


def compiled(text: str) -> Callable[[Values], Any]:
    functions: Any = {"lowerAscii": lower_ascii, "trim": trim}
    program = environment().program(environment().compile(text), functions)

    def run(values: Values) -> Any:
        answer = program.evaluate(dict(values))
        return bool(answer) if isinstance(answer, celtypes.BoolType) else answer

    return run


CEL_PYTHON = Oracle("cel-python", json_to_cel, compiled)
