"""Our own messages, one a line, in a file for each kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal
from zlib import crc32

from detectors.labelled import Labelled, Must
from detectors.signal import Category

WRITTEN: Final = "written"
"""What the group of these messages begins with."""

THREATS: Final = ("threat", "veiled", "conditional", "passed_on", "extortion", "exposure")

STOPPED: Final[Mapping[str, Category]] = {
    **dict.fromkeys(THREATS, "threat"),
    "violence": "violence",
    "abuse": "abuse",
    "hate": "hate",
    "sexual": "sexual",
}
"""The category of each kind that must be stopped."""

FLAGGED: Final[Mapping[str, Category]] = {"scam": "spam", "self_harm": "self_harm"}
"""The category of each kind that must be flagged, and need not be stopped."""

PASSED: Final = frozenset(
    [
        "advice",
        "banter",
        "body",
        "complaint",
        "consequence",
        "counter",
        "deadline",
        "goods",
        "idiom",
        "logistics",
        "negated",
        "private_data",
        "reported",
        "sorrow",
        "support",
        "trade",
    ]
)
KEPT: Final = 10
"""One in ten messages is not trained on. Those that must be found are calibrated with."""

KINDS: Final = frozenset([*STOPPED, *FLAGGED, *PASSED])
MESSAGES: Final = Path(__file__).with_name("messages")


class BadMessages(ValueError):
    """The folder lacks a kind or has another, or a message is empty or there twice; the text says which."""


def read_messages(folder: Path = MESSAGES) -> list[Labelled]:
    files = {path.stem: path for path in sorted(folder.glob("*.txt"))}
    if files.keys() != KINDS:
        raise BadMessages(f"{folder.name}: must have a file for each of {', '.join(sorted(KINDS))}")
    rows = []
    for kind, path in files.items():
        texts = path.read_text("utf-8").splitlines()
        empty = next((number for number, text in enumerate(texts, 1) if not text.strip()), None)
        if empty:
            raise BadMessages(f"{path.name}:{empty}: is empty; write one message a line")
        category: Category | Literal[""] = {**STOPPED, **FLAGGED}.get(kind, "")
        must: Must = "block" if kind in STOPPED else "pass" if kind in PASSED else ""
        rows += [Labelled(text, f"{WRITTEN} {kind}", category, must, must, _part(text)) for text in texts]
    twice = [text for text, times in Counter(row.text for row in rows).items() if times > 1]
    if twice:
        raise BadMessages(f"{folder.name}: `{twice[0]}` is there twice")
    return rows


def _part(text: str) -> str:
    return "" if crc32(text.encode()) % KEPT else "dev"
