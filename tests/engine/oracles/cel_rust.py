"""CEL in Rust, from the package `common-expression-language`."""

from collections.abc import Callable
from typing import Any

import cel
from cel import stdlib

from tests.engine.oracles.cel_python import trimmed
from tests.engine.oracles.oracle import Oracle, Values

FUNCTIONS = {"lowerAscii": stdlib.lower_ascii, "trim": trimmed, "characters": len}
"""`characters` replaces `size` of a text; see `differences.py`. The oracle's own `trim` is Python's, which removes more than
CEL's."""


def compiled(text: str) -> Callable[[Values], Any]:
    program = cel.compile(text)
    return lambda values: program.execute(cel.Context(dict(values), FUNCTIONS))


CEL_RUST = Oracle("common-expression-language", lambda value: value, compiled)
