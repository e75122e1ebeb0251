"""The input and output of a responder."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol, Self

from engine import Decision
from engine.expression.values import to_json

if TYPE_CHECKING:  # topics are read without Django
    from marketplace.accounts.models import User

Speaker = Literal["user", "assistant"]


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of the conversation; `topic` is set on answers."""

    speaker: Speaker
    text: str
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """`user` is None for an anonymous caller, whose answers come from the policies alone, without a query. `turns` are the
    earlier messages, oldest first."""

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
    revision: int
    in_force_at: datetime
    outcome: str
    rule: str
    reason: str

    @classmethod
    def of(cls, decision: Decision) -> Self:
        return cls(**{name: getattr(decision, name) for name in cls.__slots__})

    def to_dict(self) -> dict[str, Any]:
        return {name: to_json(getattr(self, name)) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Reply:
    """`suggestions` are possible next questions."""

    text: str
    topic: str
    basis: Basis | None = None
    suggestions: tuple[str, ...] = field(default=())

    def about(self) -> dict[str, Any]:
        """Everything but the text, as JSON."""
        decision = self.basis.to_dict() if self.basis else None
        return {"topic": self.topic, "decision": decision, "suggestions": list(self.suggestions)}


class Responder(Protocol):
    """Called after moderation and outside any transaction, unless the request has an Idempotency-Key: its transaction stays
    open until the answer exists. A setting names the responder."""

    def respond(self, context: Context) -> Reply: ...
