"""CEL in Rust, of the package `common-expression-language`."""

from collections.abc import Callable
from typing import Any

import cel
from cel import stdlib

from tests.engine.oracles.oracle import Oracle, Values

FUNCTIONS = {"lowerAscii": stdlib.lower_ascii, "trim": stdlib.trim, "characters": len}
"""`characters` stands for `size` of a text; see `differences.py`."""


def compiled(text: str) -> Callable[[Values], Any]:
    program = cel.compile(text)
    return lambda values: program.execute(cel.Context(dict(values), FUNCTIONS))


CEL_RUST = Oracle("common-expression-language", lambda value: value, compiled)
