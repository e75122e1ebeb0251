"""python -m ml.benchmark.reliability DATA SVG: whether scores mean what they say, on a mix with as many bad messages as the
calibration assumes."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from detectors.calibrate import SHARE
from detectors.classifier import shipped_classifier
from detectors.pipeline import CLASSIFIER
from detectors.signal import Category, Findings
from detectors.standard import standard
from ml.benchmark.curves import Point, svg
from ml.benchmark.sources import read_sources
from ml.training.parts import is_kept

LEXICON = Path("policies/lexicon")
MODELS = Path("var/models")
BINS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
"""The bins end here, and the last at 1."""

DRAWN: tuple[Category, ...] = ("threat", "hate")
"""Categories of which the data sets have enough messages that nothing was learned from."""


def main(data: Path, picture: Path) -> None:
    rows = [row for row in read_sources(data) if is_kept(row)]
    pipeline = standard(LEXICON, [shipped_classifier(MODELS)])
    found = [(row, pipeline.examine(row.text)) for row in rows]
    lines = {}
    for category in DRAWN:
        for name, classifier in (("rules", False), (CLASSIFIER, True)):
            scored = [
                (_score(findings, category, classifier=classifier), row.category == category)
                for row, findings in found
                if row.category == category or (row.dispute == "pass" and not row.category)
            ]
            lines[f"{category}: {name}"] = reliability(scored, SHARE)
    picture.write_text(
        svg(f"of 1 bad message in {1 / SHARE:.0f}", lines, "score", "share that is bad"), "utf-8"
    )
    for name, points in lines.items():
        shown = ", ".join(f"{score:.2f}: {share:.2f}" for score, share in points)
        sys.stdout.write(f"{name}: {shown}\n")


def reliability(scored: Sequence[tuple[float, bool]], share: float) -> list[Point]:
    """The mean score and the share of bad messages for each bin, if this share of all messages were bad."""
    bad = sum(is_bad for _, is_bad in scored)
    weights = {True: share / bad, False: (1 - share) / (len(scored) - bad)}
    points = []
    for least, end in zip((0.0, *BINS), (*BINS, 1.01), strict=True):
        inside = [(score, is_bad, weights[is_bad]) for score, is_bad in scored if least <= score < end]
        total = sum(weight for *_, weight in inside)
        if inside:
            mean = sum(score * weight for score, _, weight in inside) / total
            points.append((mean, sum(weight for _, is_bad, weight in inside if is_bad) / total))
    return points


def _score(findings: Findings, category: Category, *, classifier: bool) -> float:
    return max(_own(findings, category, classifier=classifier), default=0.0)


def _own(findings: Findings, category: Category, *, classifier: bool) -> Iterable[float]:
    return (
        signal.score
        for signal in findings.signals
        if signal.category == category
        and (signal.detector == CLASSIFIER) == classifier
        and not (signal.reported or signal.quoted)
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
