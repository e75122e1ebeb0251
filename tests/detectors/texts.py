"""Shared by the detector tests: the path of the converted models, and messages that need no normalization."""

from pathlib import Path

from detectors.message import Message

MODELS = Path(__file__).parents[2] / "var" / "models"


def plain(text: str, normalized: str | None = None) -> Message:
    written = text if normalized is None else normalized
    return Message(text, written, tuple(range(len(written) + 1)))
