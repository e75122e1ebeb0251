"""Disputes: their state, messages, legal holds and media."""

from typing import Literal

from pydantic import Field

from api.contract.base import AnswerBody, RequestBody
from api.contract.fields import Id, Moment, Text
from api.contract.pagination import PageQuery


class DisputeQuery(PageQuery):
    """`may`: only disputes that the caller may reopen now. `media`: only disputes whose media the next sweep would delete."""

    may: Literal["reopen"] | None = None
    media: Literal["due"] | None = None


class DisputeRequest(RequestBody):
    order_id: Id
    text: Text


class ReasonRequest(RequestBody):
    """Why a dispute is closed, reopened or held. Erased with either party's account, since it may quote them."""

    reason: Text


class DisputeBody(AnswerBody):
    """`retain_until` is when the media of a closed dispute may be deleted, unless it is held or reopened."""

    id: Id
    order_id: Id
    status: Literal["open", "reopened", "closed"]
    opened_by: Id = Field(validation_alias="opened_by_id")
    closed_at: Moment | None
    retain_until: Moment | None


class HoldBody(AnswerBody):
    id: Id
    dispute_id: Id
    placed_by: Id = Field(validation_alias="placed_by_id")
    reason: str
    placed_at: Moment
    released_at: Moment | None


class MediaBody(AnswerBody):
    """`url` is valid for one minute; it is null when there is nothing to show."""

    id: Id
    state: Literal["uploading", "quarantined", "live", "doomed", "purged"]
    kind: Literal["jpeg", "png", "webp", "mp4", "pdf"]
    size: int
    url: str | None


class LinkQuery(RequestBody):
    """The query of a signed link to a file."""

    token: str = ""
