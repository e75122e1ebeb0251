"""Generate sentences from `sentences.yaml`, of kinds that labelled data hardly contains."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random
from typing import Literal

import yaml

EACH = 40
"""The number of variants per sentence, before removing duplicates."""


def make_sentences(kind: Literal["harmless", "threatening"], seed: int) -> list[str]:
    document = yaml.safe_load((Path(__file__).parent / "sentences.yaml").read_text("utf-8"))
    slots, chance = document["slots"], Random(seed)
    made = dict.fromkeys(
        re.sub(r"\{(\w+)\}", lambda slot: chance.choice(slots[slot[1]]), sentence).strip()
        for sentence in document[kind]
        for _ in range(EACH)
    )
    return list(made)
