"""The fixed set of functions that a condition can call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, get_args

import re2

from engine.expression.arithmetic import divided, rounded
from engine.expression.types import BOOL, INT, STRING, Type

MAX_PATTERN = 500
QuantifierKind = Literal["exists", "all", "exists_one", "filter", "map"]


@dataclass(frozen=True, slots=True)
class Function:
    """`method` functions are called on their first argument: `text.startsWith("x")`. `run` takes the arguments in order."""

    name: str
    method: bool
    arguments: tuple[Type, ...]
    result: Type
    run: Callable[..., Any]


@lru_cache(maxsize=1_000)
def pattern(text: str) -> Any:
    """Compile an RE2 pattern: linear time, no look-around, no back-references. Raises re2.error."""
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 1 << 20
    return re2.compile(text, options)


def _matches(text: str, expression: str) -> bool:
    return pattern(expression).search(text) is not None


def _lower_ascii(text: str) -> str:
    """Use `bytes.lower`, which changes ASCII letters only: `str.translate` is a hundred times slower for text with an accent."""
    return text.encode("utf-8", "surrogatepass").lower().decode("utf-8", "surrogatepass")


WHITE_SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""What CEL trims: Unicode's White_Space. Python's `strip` would also remove U+001C to U+001F."""


def _trim(text: str) -> str:
    return text.strip(WHITE_SPACE)


def _least(*values: Any) -> Any:
    return min(values) if len(values) > 1 else min(values[0], default=None)


def _greatest(*values: Any) -> Any:
    return max(values) if len(values) > 1 else max(values[0], default=None)


FUNCTIONS: dict[str, Function] = {
    f.name: f
    for f in (
        Function("startsWith", True, (STRING, STRING), BOOL, str.startswith),
        Function("endsWith", True, (STRING, STRING), BOOL, str.endswith),
        Function("contains", True, (STRING, STRING), BOOL, str.__contains__),
        Function("matches", True, (STRING, STRING), BOOL, _matches),
        Function("lowerAscii", True, (STRING,), STRING, _lower_ascii),
        Function("trim", True, (STRING,), STRING, _trim),
        Function("size", False, (STRING,), INT, len),
        Function("min", False, (INT, INT), INT, _least),
        Function("max", False, (INT, INT), INT, _greatest),
        Function("sum", False, (INT,), INT, sum),
        Function("divide", False, (INT, INT, INT, STRING), INT, divided),
        Function("round", False, (INT, INT, STRING), INT, rounded),
    )
}
"""The types here are simplified. The checker also accepts a list for `size`, two ordered values or one list of them for `min` and
`max`, and a list of ints or decimals for `sum`."""
CHOICES = ("min", "max")
EXACT = ("divide", "round")

QUANTIFIERS: dict[str, QuantifierKind] = {kind: kind for kind in get_args(QuantifierKind)}
ROW = "row"
"""`table.row(key, …)`: the row of a table whose key columns have these values."""
DURATIONS = {"days": "d", "hours": "h", "minutes": "m", "seconds": "s"}
"""Duration literals such as `days(90)`; the argument is a whole number."""
