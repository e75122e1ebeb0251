"""Count how often each evaluator agreed with the compiler in a run, and on what; printed at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

AGREED: Counter[tuple[str, str]] = Counter()


def agreed(voice: str, on: str, times: int = 1) -> None:
    """Count a comparison on which `voice` agreed, such as `generated decisions`."""
    AGREED[voice, on] += times


def report() -> Iterator[str]:
    for (voice, on), times in sorted(AGREED.items()):
        yield f"{voice} agreed with the compiler on {times:,} {on}"
