"""Where a text stands."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation between the same people: a chat, what is said of one product, the disputes about one order, or what
    one user (by whom it is numbered) says to the assistant."""

    kind: Literal["chat", "product", "order", "assistant"]
    id: int
