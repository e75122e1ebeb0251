"""Sentences made up from `sentences.yaml`: what passes in a quarrel, so that the heads learn not to mind it."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random

import yaml

EACH = 40
"""Fillings of each sentence, before doubles are taken out."""


def make_sentences(seed: int) -> list[str]:
    document = yaml.safe_load((Path(__file__).parent / "sentences.yaml").read_text("utf-8"))
    slots, chance = document["slots"], Random(seed)
    made = dict.fromkeys(
        re.sub(r"\{(\w+)\}", lambda slot: chance.choice(slots[slot[1]]), sentence).strip()
        for sentence in document["harmless"]
        for _ in range(EACH)
    )
    return list(made)
