"""Every operation of the DRF surface, as consumers see it. A test holds the table to the routes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from pydantic import BaseModel

from api.contract.accounts import Credentials, TokenBody
from api.contract.base import AnswerBody, RequestBody
from api.contract.catalog import ProductBody
from api.contract.chats import MessageBody, MessageRequest
from api.contract.disputes import (
    DisputeBody,
    DisputeRequest,
    HoldBody,
    LinkQuery,
    MediaBody,
    ReasonRequest,
)
from api.contract.moderation import (
    ClaimRequest,
    PreviewBody,
    PreviewRequest,
    QueueItemBody,
    QueueQuery,
    ReleaseRequest,
    ResolveRequest,
)
from api.contract.orders import ConfirmationRequest, OrderBody, OrderRequest
from api.contract.pages import PageQuery
from api.contract.reviews import EligibilityBody, ReviewBody, ReviewRequest

File = Literal["file"]
FILE: Final[File] = "file"


@dataclass(frozen=True, slots=True)
class Operation:
    """`answers` by status, None for one without a body, FILE for a file; a `body` that is FILE is a form with one. `refusals`
    are those beyond what every operation has."""

    summary: str
    answers: Mapping[int, type[AnswerBody] | File | None]
    body: type[RequestBody] | File | None = None
    query: type[BaseModel] | None = None
    refusals: tuple[int, ...] = ()
    paged: bool = False


def listed(summary: str, body: type[AnswerBody], query: type[PageQuery] = PageQuery) -> Operation:
    return Operation(summary, {200: body}, query=query, paged=True)


OPERATIONS: Final[Mapping[tuple[str, str], Operation]] = {
    ("POST", "/api/auth/tokens"): Operation(
        "Issue a bearer token for a username and a password", {201: TokenBody}, Credentials, refusals=(401,)
    ),
    ("DELETE", "/api/auth/tokens/current"): Operation(
        "Revoke the token that is used", {204: None}, refusals=(404,)
    ),
    ("GET", "/api/v1/products"): listed("Products, oldest first", ProductBody),
    ("GET", "/api/v1/products/{product_id}"): Operation("One product", {200: ProductBody}),
    ("GET", "/api/v1/products/{product_id}/reviews"): listed("Reviews, newest first", ReviewBody),
    ("GET", "/api/v1/products/{product_id}/review-eligibility"): Operation(
        "Whether the caller may review the product, and why", {200: EligibilityBody}
    ),
    ("GET", "/api/v1/orders"): listed("The caller's orders, newest first", OrderBody),
    ("POST", "/api/v1/orders"): Operation(
        "Open an order, or get the one there is",
        {201: OrderBody, 200: OrderBody},
        OrderRequest,
        refusals=(404, 409),
    ),
    ("GET", "/api/v1/orders/{order_id}"): Operation("One order", {200: OrderBody}),
    ("POST", "/api/v1/orders/{order_id}/confirmations"): Operation(
        "Confirm the caller's side; the second side completes the sale",
        {200: OrderBody},
        ConfirmationRequest,
        refusals=(409,),
    ),
    ("DELETE", "/api/v1/orders/{order_id}/confirmations/mine"): Operation(
        "Take the caller's confirmation back, while it is alone", {200: OrderBody}, refusals=(409,)
    ),
    ("GET", "/api/v1/chats/{chat_id}/messages"): listed("Messages, oldest first", MessageBody),
    ("POST", "/api/v1/chats/{chat_id}/messages"): Operation(
        "Write into the chat, until it is locked", {201: MessageBody}, MessageRequest, refusals=(409,)
    ),
    ("POST", "/api/v1/reviews"): Operation(
        "Review what was bought", {201: ReviewBody}, ReviewRequest, refusals=(404, 409)
    ),
    ("GET", "/api/v1/disputes"): listed(
        "The caller's disputes, newest first; all of them for agents", DisputeBody
    ),
    ("POST", "/api/v1/disputes"): Operation(
        "Open a dispute about a completed order", {201: DisputeBody}, DisputeRequest, refusals=(404, 409)
    ),
    ("GET", "/api/v1/disputes/{dispute_id}"): Operation("One dispute", {200: DisputeBody}),
    ("GET", "/api/v1/disputes/{dispute_id}/messages"): listed("Its thread, oldest first", MessageBody),
    ("POST", "/api/v1/disputes/{dispute_id}/messages"): Operation(
        "Write into the thread, until the dispute is closed",
        {201: MessageBody},
        MessageRequest,
        refusals=(409,),
    ),
    ("POST", "/api/v1/disputes/{dispute_id}/close"): Operation(
        "Close the dispute; its media is kept for a stated time from now",
        {200: DisputeBody},
        ReasonRequest,
        refusals=(409,),
    ),
    ("POST", "/api/v1/disputes/{dispute_id}/reopen"): Operation(
        "Open it again, while its media is kept", {200: DisputeBody}, ReasonRequest, refusals=(409,)
    ),
    ("GET", "/api/v1/disputes/{dispute_id}/holds"): listed("Its legal holds, oldest first", HoldBody),
    ("POST", "/api/v1/disputes/{dispute_id}/holds"): Operation(
        "Hold its media", {201: HoldBody}, ReasonRequest, refusals=(409,)
    ),
    ("DELETE", "/api/v1/holds/{hold_id}"): Operation("Lift a hold", {200: HoldBody}, refusals=(409,)),
    ("GET", "/api/v1/disputes/{dispute_id}/media"): listed("Its files, oldest first", MediaBody),
    ("POST", "/api/v1/disputes/{dispute_id}/media"): Operation(
        "Add a file", {201: MediaBody}, FILE, refusals=(409,)
    ),
    ("GET", "/api/v1/media/{media_id}"): Operation(
        "One file, with a link that works for a minute", {200: MediaBody}
    ),
    ("GET", "/api/v1/media/{media_id}/content"): Operation(
        "The file behind a link", {200: FILE}, query=LinkQuery
    ),
    ("POST", "/api/v1/moderation/preview"): Operation(
        "What detectors and profiles say of a text", {200: PreviewBody}, PreviewRequest
    ),
    ("GET", "/api/v1/moderation/queue"): listed(
        "Flagged texts, urgent first, then oldest first", QueueItemBody, QueueQuery
    ),
    ("POST", "/api/v1/moderation/queue/{item_id}/claim"): Operation(
        "Claim an item", {200: QueueItemBody}, ClaimRequest, refusals=(409,)
    ),
    ("POST", "/api/v1/moderation/queue/{item_id}/release"): Operation(
        "Give a claimed item back to the queue", {200: QueueItemBody}, ReleaseRequest, refusals=(409,)
    ),
    ("POST", "/api/v1/moderation/queue/{item_id}/resolve"): Operation(
        "Resolve a claimed item, once", {200: QueueItemBody}, ResolveRequest, refusals=(409,)
    ),
}
