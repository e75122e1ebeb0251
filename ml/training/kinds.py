"""Made-up messages of `kinds.yaml` and our own, and which heads of the encoder learn what from them and from labelled texts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

import yaml

from detectors.labelled import Labelled, Must
from detectors.signal import Category
from ml.training.messages import WRITTEN, read_messages
from ml.training.parts import MADE_UP
from ml.training.sentences import make_sentences

HEADS: Final = ("threat", "menace", "violence", "hate", "abuse", "sexual", "self_harm", "spam")
"""`menace` threatens without naming a harm. People call both threats, but their texts have little in common."""

MENACING: Final = frozenset(f"{WRITTEN} {kind}" for kind in ("veiled", "passed_on", "exposure"))

EACH: Final = 8
"""The number of variants per sentence, before removing duplicates."""

SEED: Final = 1
KEPT: Final = 8
"""One in eight made-up sentences is measured on, instead of trained on."""

MADE_UP_WEIGHT: Final = 2.0
STOPPED_WEIGHT: Final = 3.0
PASSED_WEIGHT: Final = 1.0
"""Our own messages weigh about two thirds of all, and most of the threats."""

FOUND: Final[Mapping[str, Category]] = {
    "threat": "threat",
    "violence": "violence",
    "abuse": "abuse",
    "hate": "hate",
}
"""The kinds that must be found. All others must pass."""

MOST: Final[Mapping[str, int]] = {
    "edos other": 7000,
    "davidson harsh": 1500,
    "davidson neither": 4000,
    "goemotions other": 20_000,
}
"""The number of texts to use of groups that would outnumber everything else."""


@dataclass(frozen=True)
class Lesson:
    """What a text teaches each head: that it belongs to the category, that it does not, or, with None, nothing."""

    text: str
    group: str
    belongs: Mapping[str, bool | None]
    weight: float


def made_up() -> list[Labelled]:
    """What is in our two files and our folder. One in `KEPT` sentences of `sentences.yaml` is only measured on."""
    return [
        *(
            Labelled(text, MADE_UP, "", "pass", "pass", _part(number))
            for number, text in enumerate(make_sentences("harmless", SEED))
        ),
        *(
            Labelled(text, MADE_UP, "threat", "block", "block", _part(number))
            for number, text in enumerate(make_sentences("threatening", SEED))
        ),
        *_kinds(),
        *read_messages(),
    ]


def _part(number: int) -> str:
    return "" if number % KEPT else "dev"


def _kinds() -> list[Labelled]:
    document = yaml.safe_load((Path(__file__).parent / "kinds.yaml").read_text("utf-8"))
    slots, chance = document.pop("slots"), Random(SEED)
    rows = []
    for kind, sentences in document.items():
        made = dict.fromkeys(
            re.sub(r"\{(\w+)\}", lambda slot: chance.choice(slots[slot[1]]), sentence)
            for sentence in sentences
            for _ in range(EACH)
        )
        category = FOUND.get(kind)
        must: Must = "block" if category else "pass"
        rows += [Labelled(text, f"made up {kind}", category or "", must, must) for text in made]
    return rows


def lessons_of(rows: list[Labelled]) -> list[Lesson]:
    """What labelled and made-up texts teach. None of them may be kept for calibration."""
    chance, groups = Random(SEED), dict[str, list[Lesson]]()
    for row in rows:
        belongs = _belongs(row)
        if belongs is not None:
            groups.setdefault(row.group, []).append(Lesson(row.text, row.group, belongs, _weight(row)))
    lessons = []
    for group, some in groups.items():
        chance.shuffle(some)
        lessons += some[: MOST.get(group, len(some))]
    return lessons


def _belongs(row: Labelled) -> Mapping[str, bool | None] | None:
    """None if the label says too little. A category that the labels of a data set leave out teaches nothing."""
    if row.group in {"surge toxic", "jigsaw insult", "jigsaw obscene"}:
        return None
    taught: dict[str, bool | None] = dict.fromkeys(HEADS, False)
    if row.group.startswith(("edos", "davidson", "jigsaw", "surge", "goemotions")):
        taught |= {"sexual": None, "self_harm": None, "spam": None}
    match row.category:
        case "threat":
            taught |= {"violence": None, "abuse": None, "hate": None, "spam": None}
            menacing = row.group in MENACING
            taught |= {"threat": None if menacing else True, "menace": True if menacing else None}
        case "violence":
            taught |= {"violence": True, "threat": True, "menace": None, "abuse": None, "hate": None}
        case "hate":
            taught |= {"hate": True, "violence": None, "abuse": None, "sexual": None}
        case "abuse":
            taught |= {"abuse": True, "hate": None, "sexual": None}
        case "sexual":
            taught |= {"sexual": True, "violence": None, "abuse": None}
        case "self_harm":
            taught |= {"self_harm": True, "violence": None, "abuse": None}
        case "spam":
            taught |= {"spam": True}
        case "profanity":
            taught |= {"abuse": None}
    if row.group in {"edos threat", "openai H2"}:
        taught |= {"hate": True, "violence": True}
    if row.group == "davidson hate":
        taught |= {"threat": None, "menace": None}
    if row.group == "openai V":
        taught |= {"threat": None, "menace": None, "hate": False}
    if row.group == "edos other":
        taught |= {"abuse": None}
    return taught


def _weight(row: Labelled) -> float:
    if row.group.startswith(WRITTEN):
        return STOPPED_WEIGHT if row.category else PASSED_WEIGHT
    if row.group == MADE_UP and not row.category:
        return 1.0
    if row.group.startswith((MADE_UP, "openai")) or (row.group.startswith("goemotions") and row.category):
        return MADE_UP_WEIGHT
    return {"edos other": 0.5, "edos sexist": 0.7, "davidson harsh": 0.7}.get(row.group, 1.0)
