"""GoEmotions (Apache 2.0): comments of an online forum. Its labels are emotions; those that sound worst have labels of ours."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Final
from zlib import crc32

from detectors.labelled import Labelled
from detectors.signal import Category

LABELS: Final = Path(__file__).with_name("goemotions.csv")
"""The ids and our labels of the 3,600 comments that an earlier encoder scored highest for threats, violence, hate or abuse."""

NAMES: Final = (
    "Anna",
    "Ben",
    "Carla",
    "David",
    "Grace",
    "Henry",
    "Ines",
    "Leo",
    "Maria",
    "Nick",
    "Olga",
    "Paul",
    "Rosa",
    "Sam",
)
RELIGIONS: Final = ("Buddhism", "Christianity", "Islam", "Judaism", "religion", "the church")
REPLACEMENTS: Final = {"[NAME]": NAMES, "[RELIGION]": RELIGIONS}
"""Fill in what the data set left out, since nobody writes brackets."""

FOUND: Final[dict[str, Category]] = {
    "threat": "threat",
    "violence": "violence",
    "abuse": "abuse",
    "hate": "hate",
    "sexual": "sexual",
}


def read_goemotions(path: Path) -> Iterator[Labelled]:
    """The data set's three files, one after another: text, emotions and id, with tabs between. Unclear comments are left out."""
    with LABELS.open(encoding="utf-8", newline="") as file:
        labels = {row["id"]: row["label"] for row in csv.DictReader(file)}
    read = set[str]()
    for line in path.read_text("utf-8").splitlines():
        text, _, number = line.split("\t")
        if text in read:
            continue
        read.add(text)
        label, text = labels.get(number), _complete(text, number)
        if label in FOUND:
            yield Labelled(text, f"goemotions {label}", FOUND[label], "block", "block")
        elif label != "unclear":
            yield Labelled(text, f"goemotions {'suspected' if label else 'other'}", "", "", "")


def _complete(text: str, number: str) -> str:
    chance = Random(crc32(number.encode()))
    return re.sub(r"\[(?:NAME|RELIGION)\]", lambda found: chance.choice(REPLACEMENTS[found[0]]), text)
