"""Our own messages, by kind, as `messages.yaml` holds them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import yaml

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
}
"""The category of each kind that must be found."""

PASSED: Final = frozenset(
    [
        "complaint",
        "consequence",
        "deadline",
        "reported",
        "negated",
        "counter",
        "idiom",
        "goods",
        "logistics",
        "advice",
        "private_data",
        "banter",
    ]
)
MESSAGES: Final = Path(__file__).with_name("messages.yaml")


class BadMessages(ValueError):
    """The file has an unknown or missing kind, or a message that is no text or there twice; the text says which."""


def read_messages(path: Path = MESSAGES) -> list[Labelled]:
    document = yaml.safe_load(path.read_text("utf-8"))
    if not isinstance(document, dict) or document.keys() != STOPPED.keys() | PASSED:
        raise BadMessages(f"{path.name}: must have the kinds {', '.join(sorted(STOPPED.keys() | PASSED))}")
    rows = []
    for kind, messages in document.items():
        if not isinstance(messages, list) or not all(isinstance(text, str) and text for text in messages):
            raise BadMessages(f"{path.name}: `{kind}` must be a list of texts")
        category = STOPPED.get(kind)
        must: Must = "block" if category else "pass"
        rows += [Labelled(text, f"{WRITTEN} {kind}", category or "", must, must) for text in messages]
    twice = [text for text, times in Counter(row.text for row in rows).items() if times > 1]
    if twice:
        raise BadMessages(f"{path.name}: `{twice[0]}` is there twice")
    return rows
