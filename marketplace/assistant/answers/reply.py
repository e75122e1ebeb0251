"""What whoever answers is told, and what an answer is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:  # the topics are read without Django
    from marketplace.accounts.models import User

Speaker = Literal["user", "assistant"]


@dataclass(frozen=True, slots=True)
class Turn:
    """Something that was said; `topic` is what an answer was about."""

    speaker: Speaker
    text: str
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """`user` is None for somebody who is logged out, whose answers come from the policies alone, without a query.
    `turns` is what was said before, oldest first."""

    text: str
    now: datetime
    user: "User | None" = None
    product_id: int | None = None
    turns: Sequence[Turn] = ()


@dataclass(frozen=True, slots=True)
class Basis:
    """The decision that an answer explains."""

    policy: str
    version: int
    outcome: str
    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class Reply:
    """`suggestions` are questions that somebody might ask next."""

    text: str
    topic: str
    basis: Basis | None = None
    suggestions: tuple[str, ...] = field(default=())

    def about(self) -> dict[str, Any]:
        """Everything but the text, as JSON."""
        basis = self.basis
        decision = {name: getattr(basis, name) for name in Basis.__slots__} if basis else None
        return {"topic": self.topic, "decision": decision, "suggestions": list(self.suggestions)}


class Responder(Protocol):
    """Called after moderation, and outside any transaction unless the request has an Idempotency-Key, whose transaction
    is open until the answer is there. A setting names which one answers."""

    def respond(self, context: Context) -> Reply: ...
