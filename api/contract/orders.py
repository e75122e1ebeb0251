"""Orders and the two confirmations that complete them."""

from typing import Literal

from api.contract.base import AnswerBody, RequestBody
from api.contract.fields import Id, Moment
from api.contract.pagination import PageQuery


class OrderQuery(PageQuery):
    """`may`: only orders whose product the caller may review now, or in whose chat the caller may write now."""

    may: Literal["review", "write"] | None = None


class OrderRequest(RequestBody):
    product_id: Id


class ConfirmationRequest(RequestBody):
    """Has no fields: the caller determines which side confirms."""


class OrderBody(AnswerBody):
    id: Id
    product_id: Id
    buyer_id: Id
    seller_id: Id
    chat_id: Id
    status: Literal["pending", "completed"]
    seller_confirmed_at: Moment | None
    buyer_confirmed_at: Moment | None
    completed_at: Moment | None
