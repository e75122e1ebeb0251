"""Shares of blocked and flagged messages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from detectors.labelled import Labelled, Must
from ml.benchmark.contenders import Judged, Mode

Verdict = tuple[Labelled, Judged]


@dataclass(frozen=True)
class Share:
    """`texts` is the number of messages; `flagged` are those flagged but not blocked."""

    texts: int
    blocked: float
    flagged: float

    @property
    def seen(self) -> float:
        return self.blocked + self.flagged


def share(verdicts: Iterable[Verdict], mode: Mode) -> Share:
    outcomes = [judged.outcomes[mode] for _, judged in verdicts]
    texts = len(outcomes) or 1
    return Share(len(outcomes), outcomes.count("block") / texts, outcomes.count("flag") / texts)


def must(verdicts: Sequence[Verdict], mode: Mode, what: Must) -> Share:
    return share(((row, judged) for row, judged in verdicts if _must(row, mode) == what), mode)


def _must(row: Labelled, mode: Mode) -> Must:
    return row.normal if mode == "normal" else row.dispute


def by(verdicts: Sequence[Verdict], key: Callable[[Labelled], str]) -> dict[str, list[Verdict]]:
    """Group the verdicts by a property of their rows, sorted. Rows without the property are left out."""
    groups: dict[str, list[Verdict]] = {}
    for row, judged in verdicts:
        if name := key(row):
            groups.setdefault(name, []).append((row, judged))
    return dict(sorted(groups.items()))
