"""What tests of detectors share: where the converted models are, and messages that need no normalizing."""

from pathlib import Path

from detectors.message import Message

MODELS = Path(__file__).parents[2] / "var" / "models"


def plain(text: str, normalized: str | None = None) -> Message:
    written = text if normalized is None else normalized
    return Message(text, written, tuple(range(len(written) + 1)))
