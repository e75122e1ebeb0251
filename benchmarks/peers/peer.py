"""What a peer has to say for itself, so that one more is one more file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from benchmarks.workloads.workload import Answer, Facts, Workload


def as_it_is(raw: Any) -> Answer:
    return raw  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Built:
    """`decide` is what is measured, on plain facts and a moment in microseconds; `answer` reads what it returns, unmeasured."""

    decide: Callable[[Facts, int], Any]
    answer: Callable[[Any], Answer] = as_it_is


class Peer(Protocol):
    name: str

    def build(self, workload: Workload) -> Built | None:
        """Ready to decide; None where the peer cannot express the policy."""
