"""Hide words of a message and leave everything else in its place."""

from __future__ import annotations

from collections.abc import Iterable

from detectors.message import Message
from detectors.reading import Reading


def blanked(reading: Reading, spans: Iterable[tuple[int, int]]) -> Message:
    """Replace the words of each span, end exclusive, by spaces. The length of the text stays the same."""
    original, normalized = list(reading.original), list(reading.normalized)
    for first, last in spans:
        start, end = reading.starts[first], reading.ends[last - 1]
        normalized[start:end] = " " * (end - start)
        start, end = reading.span(start, end)
        original[start:end] = " " * (end - start)
    return Message("".join(original), "".join(normalized), reading.origins)
