"""Measures the work of a call without a clock: the number of calls, or growth with the input size."""

import cProfile
import gc
import time
from collections.abc import Callable
from math import inf
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")

TIMES = 4
"""A large input is this many times the size of a small one."""
ROOM = 2 * TIMES
"""Linear work costs TIMES as much on the large input, quadratic work TIMES squared; this is in the middle."""
TRIES = 20


class Counted(NamedTuple, Generic[T]):
    result: T
    calls: int
    """The number of Python and C functions called, directly and indirectly."""


def counted(work: Callable[[], T]) -> Counted[T]:
    profile = cProfile.Profile()
    result = profile.runcall(work)
    return Counted(result, sum(entry.callcount for entry in profile.getstats()))


def expect_linear(small: Callable[[], object], large: Callable[[], object]) -> None:
    """Fails if `large`, with TIMES the input of `small`, takes more than ROOM times its CPU time in every attempt."""
    small()
    least_small = least_large = inf
    for _ in range(TRIES):
        least_large = min(least_large, _seconds(large))
        least_small = min(least_small, *(_seconds(small) for _ in range(TIMES)))
        if least_large <= ROOM * least_small:
            return
    raise AssertionError(f"{TIMES} times the input takes {least_large / least_small:.1f} times as long")


def _seconds(work: Callable[[], object]) -> float:
    """CPU time without garbage collection: a full collection depends on what earlier tests left."""
    gc.disable()
    try:
        started = time.thread_time()
        work()
        return time.thread_time() - started
    finally:
        gc.enable()
