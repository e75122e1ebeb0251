"""Where a text stands."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation between the same people: a chat, what is said of one product, or the disputes about one order."""

    kind: Literal["chat", "product", "order"]
    id: int
