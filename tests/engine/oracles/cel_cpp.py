"""CEL in C++, of the package `cel-expr-python`: the only oracle that judges `trim`, `lowerAscii` and `size` itself."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from cel_expr_python import cel
from cel_expr_python.ext import ext_strings
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from tests.engine.oracles.oracle import Oracle, OutOfRange, Values

OVERFLOW = "OUT_OF_RANGE: integer overflow"
"""Its durations are 64 bits of nanoseconds, 292 years; ours go from 1970 to 2200 and back, several times."""
ENVIRONMENT = cel.NewEnv(extensions=[ext_strings.ExtStrings()])


class Failed(Exception):
    """An error of CEL, which the package answers like any value."""


def bound(value: Any) -> Any:
    """Moments and durations as messages: Python's own are taken only by variables that are declared to be such."""
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
