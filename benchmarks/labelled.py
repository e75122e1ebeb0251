"""Labelled sets made at random: most texts harmless, scores of the labelled ones higher, some texts with several signals."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from random import Random
from typing import Final

from detectors.signal import CATEGORIES, Category, Language, Signal
from marketplace.tuning.samples import Sample, to_hundredths

LANGUAGES: Final[tuple[Language, ...]] = ("english", "other", "undetermined")
DETECTORS = ("lexicon", "clause_rules", "classifier")


def make_samples(texts: int, *, seed: int = 1) -> list[Sample]:
    random = Random(seed)
    return [_make_sample(random, number) for number in range(1, texts + 1)]


def _make_sample(random: Random, number: int) -> Sample:
    label = random.choice(CATEGORIES) if random.random() < 0.3 else None
    found = [c for c in CATEGORIES if random.random() < (0.85 if c == label else 0.06)]
    signals = [
        _make_signal(random, category, category == label)
        for category in found
        for _ in range(random.choice([1, 1, 2]))
    ]
    return Sample(
        number,
        random.choice(["normal", "dispute"]),
        random.choices(LANGUAGES, [94, 3, 3])[0],
        tuple(signals),
        (random.choice(CATEGORIES),) if random.random() < 0.01 else (),
        frozenset([label] if label else []),
    )


def _make_signal(random: Random, category: Category, is_right: bool) -> Signal:
    score = to_hundredths(random.betavariate(5, 2) if is_right else random.betavariate(2, 4))
    reported, quoted = random.random() < 0.05, random.random() < 0.05
    return Signal(category, score, 0, 4, random.choice(DETECTORS), "1", f"{category}.x", reported, quoted)


def store(samples: Sequence[Sample], *, name: str, now: datetime) -> None:
    """As version 1 of a labelled set of imported texts. The numbers of its rows may differ from those of the samples."""
    from marketplace.tuning.models import Finding, Label, LabelledSet, SampleText

    LabelledSet.objects.create(name=name, version=1, made_at=now)
    rows = SampleText.objects.bulk_create(
        [
            SampleText(
                name=name,
                since=1,
                source="import",
                mode=sample.mode,
                reference=str(sample.number),
                text=f"Text {sample.number} of {name}",
            )
            for sample in samples
        ],
        batch_size=500,
    )
    both = list(zip(rows, samples, strict=True))
    Finding.objects.bulk_create(
        [
            Finding(
                sample=row,
                detectors="made up",
                language=sample.language,
                signals=[asdict(signal) for signal in sample.signals],
                unavailable=list(sample.unavailable),
                at=now,
            )
            for row, sample in both
        ],
        batch_size=500,
    )
    Label.objects.bulk_create(
        [
            Label(sample=row, since=1, categories=sorted(sample.labels), counts=True, at=now)
            for row, sample in both
        ],
        batch_size=500,
    )
