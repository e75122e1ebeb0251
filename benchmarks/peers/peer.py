"""The interface of a measured engine. Adding one means adding one file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from benchmarks.workloads.workload import Answer, Facts, Workload


def as_it_is(raw: Any) -> Answer:
    return raw  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Built:
    """`decide` is timed, on plain facts and a time in microseconds; `answer` decodes its result and is not timed."""

    decide: Callable[[Facts, int], Any]
    answer: Callable[[Any], Answer] = as_it_is


class Peer(Protocol):
    name: str

    def build(self, workload: Workload) -> Built | None:
        """Prepare for deciding; None if the engine cannot express the policy."""
