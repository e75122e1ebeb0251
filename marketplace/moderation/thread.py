"""Where a text stands."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation between the same people: a chat, or what is said publicly about one product."""

    kind: Literal["chat", "product"]
    id: int
