"""Report the share of each group that the classifier would flag in a dispute, by head."""

from __future__ import annotations

from collections.abc import Sequence

from detectors.classifier import Classifier
from detectors.labelled import Labelled
from detectors.message import Message
from detectors.signal import Category

FLAGGED: dict[Category, float] = {"threat": 0.3, "hate": 0.3}
"""As in policies/moderation_profiles.yaml, which training does not load."""

WIDTH = 34


def report(classifier: Classifier, rows: Sequence[Labelled]) -> str:
    heads = [head for head, category in classifier.model.heads.items() if category in FLAGGED]
    groups: dict[str, list[set[str]]] = {}
    for row in rows:
        groups.setdefault(f"{row.group} {row.part}".strip(), []).append(_flagging(classifier, row.text))
    lines = [f"{'':{WIDTH}} texts {'flagged':>15}" + "".join(f"{head:>15}" for head in heads)]
    for group, texts in sorted(groups.items()):
        shares = [sum(map(bool, texts)), *(sum(head in flags for flags in texts) for head in heads)]
        lines.append(
            f"{group:{WIDTH}} {len(texts):5}" + "".join(f"{hits / len(texts):15.1%}" for hits in shares)
        )
    return "\n".join(lines)


def _flagging(classifier: Classifier, text: str) -> set[str]:
    origins = tuple(range(len(text) + 1))
    return {
        signal.rule
        for signal in classifier.find(Message(text, text, origins))
        if signal.score >= FLAGGED.get(signal.category, 2.0)
    }
