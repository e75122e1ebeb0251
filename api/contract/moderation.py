"""What becomes of a text, what detectors and profiles say of one, and the queue of those that a person reads."""

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from api.contract.base import AnswerBody, RequestBody
from api.contract.fields import Id, Moment, Text
from api.contract.pagination import PageQuery
from api.contract.policies import DecisionBody

Mode = Literal["normal", "dispute"]
QueueState = Literal["open", "claimed", "resolved"]
Verdict = Literal["uphold", "overturn"]

MODES: Final[list[Mode]] = ["normal", "dispute"]


class ModerationBody(AnswerBody):
    """Why and in which words is told to the author only."""

    state: Literal["delivered", "held", "removed"]
    reason: str | None
    message: str | None
    support: str | None


def _refuse_repeated(modes: list[Mode]) -> list[Mode]:
    if len(set(modes)) < len(modes):
        raise PydanticCustomError("repeated", "Each mode should be given once")
    return modes


class PreviewRequest(RequestBody):
    """`counterfactuals` asks what would change each decision; see the policy API."""

    text: Text
    modes: Annotated[
        list[Mode],
        Field(min_length=1, json_schema_extra={"uniqueItems": True}),
        AfterValidator(_refuse_repeated),
    ] = Field(default_factory=MODES.copy)
    counterfactuals: bool = False
    explain: bool = Field(False, description="Add why each decision is as it is; some 50 KB a mode.")


class SignalBody(AnswerBody):
    """`start` and `end` are characters of the text as it was sent, counted as Unicode code points."""

    category: str
    score: float
    start: int
    end: int
    detector: str
    version: str
    rule: str
    reported: bool
    quoted: bool


class PreviewBody(AnswerBody):
    language: str
    signals: list[SignalBody]
    unavailable: list[str]
    decisions: dict[Mode, DecisionBody]


class QueueQuery(PageQuery):
    state: QueueState | None = None


class ClaimRequest(RequestBody):
    """Claiming says nothing more: who claims is the caller."""


class ReleaseRequest(RequestBody):
    """Nothing more: the item says itself whose claim it is."""


class ResolveRequest(RequestBody):
    """`uphold`: the flag was right, and nobody but the author sees the text any more. `overturn`: it was not, and
    a text that was held appears. The reason becomes "(erased)" when the author or somebody else of the thread is
    erased, whom it may quote."""

    verdict: Verdict
    reason: Text


class ThreadBody(AnswerBody):
    kind: Literal["chat", "product", "order", "assistant"]
    id: Id


class FlagBody(AnswerBody):
    """The decision that put the text into the queue, and its record."""

    record_id: Id
    policy: str
    version: int
    digest: str
    rule: str
    reason: str
    message: str


class QueueItemBody(AnswerBody):
    """Without a subject, and with an empty text, where the author has erased a conversation with the assistant."""

    id: Id
    kind: Literal["chat_message", "review", "dispute_message", "assistant_message"]
    subject_id: Id | None
    thread: ThreadBody
    author_id: Id
    text: str
    language: str
    signals: list[SignalBody]
    flag: FlagBody
    urgent: bool
    held: bool
    created_at: Moment
    state: QueueState
    claimed_by: Id | None
    claimed_at: Moment | None
    verdict: Verdict | None
    reason: str | None
    resolved_by: Id | None
    resolved_at: Moment | None
