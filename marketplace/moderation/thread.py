"""The conversation that a text belongs to."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation between the same people: a chat, the reviews of one product, the disputes about one order, or one user's
    messages to the assistant (numbered by the user)."""

    kind: Literal["chat", "product", "order", "assistant"]
    id: int
