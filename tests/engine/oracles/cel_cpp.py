"""CEL in C++, from the package `cel-expr-python`: the only oracle with its own `trim`, `lowerAscii` and `size`."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from cel_expr_python import cel
from cel_expr_python.ext import ext_strings
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from tests.engine.oracles.oracle import Oracle, OutOfRange, Values

OVERFLOW = "OUT_OF_RANGE: integer overflow"
"""Its durations are 64-bit nanoseconds, 292 years at most; ours can span from 1970 to 2200 and back several times."""
ENVIRONMENT = cel.NewEnv(extensions=[ext_strings.ExtStrings()])


class Failed(Exception):
    """A CEL error, which the package returns like any value."""


def bound(value: Any) -> Any:
    """Convert timestamps and durations to messages: Python's own types are accepted only for variables declared with these
    types."""
    if isinstance(value, datetime):
        moment = Timestamp()
        moment.FromDatetime(value)
        return moment
    if isinstance(value, timedelta):
        duration = Duration()
        duration.FromTimedelta(value)
        return duration
    if isinstance(value, list):
        return [bound(item) for item in value]
    if isinstance(value, dict):
        return {name: bound(field) for name, field in value.items()}
    return value


def compiled(text: str) -> Callable[[Values], Any]:
    program = ENVIRONMENT.compile(text, disable_check=True)

    def run(values: Values) -> Any:
        answer = program.eval(data=dict(values))
        if answer.type() == cel.Type.ERROR and OVERFLOW in str(answer.value()):
            raise OutOfRange
        if answer.type() == cel.Type.ERROR:
            raise Failed(answer.value())
        return answer.value()

    return run


CEL_CPP = Oracle("cel-expr-python", bound, compiled)
