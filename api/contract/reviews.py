"""Reviews, and whether one may be written."""

from typing import Annotated

from pydantic import Field

from api.contract.base import AnswerBody, RequestBody
from api.contract.fields import Id, Moment, Text


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


class EligibilityBody(AnswerBody):
    """What a party may see of a decision about itself: which conditions hold, never the values."""

    outcome: str
    rule: str
    reason: str
    message: str
    conditions: dict[str, bool]
