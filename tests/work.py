"""How much work a call takes, told without a clock's seconds: calls that are made, or growth with the size of the input."""

import cProfile
import gc
import time
from collections.abc import Callable
from math import inf
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")

TIMES = 4
"""A large input is so many times the size of a small one."""
ROOM = 2 * TIMES
"""Linear work costs TIMES as much on the large input, quadratic work TIMES squared; this lies in the middle."""
TRIES = 20


class Counted(NamedTuple, Generic[T]):
    result: T
    calls: int
    """How many functions were called, directly and indirectly, in Python and in C."""


def counted(work: Callable[[], T]) -> Counted[T]:
    profile = cProfile.Profile()
    result = profile.runcall(work)
    return Counted(result, sum(entry.callcount for entry in profile.getstats()))


def expect_linear(small: Callable[[], object], large: Callable[[], object]) -> None:
    """Fails when `large`, with TIMES the input of `small`, takes more than ROOM times its processor time at every try."""
    small()
    least_small = least_large = inf
    for _ in range(TRIES):
        least_large = min(least_large, _seconds(large))
        least_small = min(least_small, *(_seconds(small) for _ in range(TIMES)))
        if least_large <= ROOM * least_small:
            return
    raise AssertionError(f"{TIMES} times the input takes {least_large / least_small:.1f} times as long")


def _seconds(work: Callable[[], object]) -> float:
    """Of processor time, without collecting garbage: a full collection costs as much as the tests before have left."""
    gc.disable()
    try:
        started = time.thread_time()
        work()
        return time.thread_time() - started
    finally:
        gc.enable()
