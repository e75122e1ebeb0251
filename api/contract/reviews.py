"""Reviews, and whether the caller may write one."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from api.contract.base import AnswerBody, RequestBody
from api.contract.fields import Id, Moment, Text
from api.contract.moderation import ModerationBody


class ReviewRequest(RequestBody):
    product_id: Id
    rating: Annotated[int, Field(ge=1, le=5)]
    text: Text


class ReviewBody(AnswerBody):
    id: Id
    product_id: Id
    buyer_id: Id
    rating: int
    text: str
    created_at: Moment
    moderation: ModerationBody


class EligibilityBody(AnswerBody):
    """The part of a decision that a party may see about itself: which named conditions hold, but no values."""

    outcome: str
    rule: str
    reason: str
    message: str
    conditions: dict[str, bool]

    @classmethod
    def render_decision(cls, decision: Mapping[str, Any]) -> dict[str, Any]:
        """Takes an explained decision in the engine's JSON form."""
        shown = {name: decision[name] for name in ("outcome", "rule", "reason", "message")}
        conditions = {entry["name"]: entry["holds"] for entry in decision["explanation"]["conditions"]}
        return cls(**shown, conditions=conditions).model_dump(mode="json")
