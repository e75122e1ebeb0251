"""How often each voice agreed with the compiler in a run, and on what; told when the run ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

AGREED: Counter[tuple[str, str]] = Counter()


def agreed(voice: str, on: str, times: int = 1) -> None:
    """Counts what `voice` was compared on and agreed about, such as `generated decisions`."""
    AGREED[voice, on] += times


def told() -> Iterator[str]:
    for (voice, on), times in sorted(AGREED.items()):
        yield f"{voice} agreed with the compiler on {times:,} {on}"
