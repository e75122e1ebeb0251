"""Texts of a labelled set: listed by number, and shown on request and on record."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from console.findings import strongest
from console.highlight import Piece, cut
from console.submitted import Unread, read_number
from marketplace.accounts.models import User
from marketplace.tuning import sets
from marketplace.tuning.samples import Sample

SHOWN: Final = 10
"""The texts that are listed of one kind, or opened at once."""


@dataclass(frozen=True, slots=True)
class TextList:
    """The numbers of texts that have something in common."""

    what: str
    about: str
    numbers: Sequence[int]

    @property
    def shown(self) -> Sequence[int]:
        return self.numbers[:SHOWN]

    @property
    def more(self) -> int:
        return max(0, len(self.numbers) - SHOWN)

    @property
    def show(self) -> str:
        """What the button says."""
        if self.more:
            return f"Show the first {SHOWN}"
        return "Show it" if len(self.numbers) == 1 else "Show them"


@dataclass(frozen=True, slots=True)
class Opened:
    """A text that the moderator asked for; no pieces if it is gone."""

    sample: Sample
    pieces: list[Piece]


def open_texts(
    submitted: Iterable[str], samples: Sequence[Sample], *, moderator: User, now: datetime
) -> list[Opened]:
    """Each text is read, and recorded, on its own. Raises Unread, Denied or TextUnavailable."""
    numbers = [read_number(each) for each in submitted]
    by_number = {sample.number: sample for sample in samples}
    if not numbers or len(numbers) > SHOWN or not all(number in by_number for number in numbers):
        raise Unread(f"Choose one to {SHOWN} texts of this set.")
    opened = []
    for number in dict.fromkeys(numbers):
        sample = by_number[number]  # type: ignore[index]
        text = sets.read_sample(moderator=moderator, number=sample.number, now=now)
        opened.append(Opened(sample, cut(text, strongest(sample.signals)) if text else []))
    return opened
