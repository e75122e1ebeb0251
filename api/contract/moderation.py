"""Moderation: the status of a text, the preview of detectors and profiles, the review queue, reports and appeals."""

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
Readable = Literal["chat_message", "review", "dispute_message", "assistant_message", "blocked_text"]
ReadingFor = Literal["unstated", "author_asked", "law_requires", "danger", "quality"]

ReportBecause = Literal["threat", "abuse", "hate", "violence", "sexual", "spam", "fraud", "other"]
AppealBecause = Literal["misread", "quotation", "joke", "harmless", "harmful", "other"]
AppealState = Literal["open", "upheld", "overturned", "withdrawn"]
TextKind = Literal["chat_message", "review", "dispute_message", "assistant_message"]

ListedReason = Annotated[str, Field(max_length=50, pattern=r"^[a-z0-9_-]*$")]
"""The code of a reason that a policy lists; the policy refuses others. Empty: the moderator's own words are enough."""

MODES: Final[list[Mode]] = ["normal", "dispute"]


class ModerationBody(AnswerBody):
    """Only the author sees more than the state. `decision_id` names the decision that holds or removed the text, for a statement
    of reasons and an appeal."""

    state: Literal["delivered", "held", "removed"]
    reason: str | None
    message: str | None
    support: str | None
    decision_id: Id | None


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
    explain: bool = Field(False, description="Explain each decision; adds about 50 KB per mode.")


class SignalBody(AnswerBody):
    """`start` and `end` are positions in the submitted text, counted in Unicode code points."""

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
    """Has no fields: the caller is the one who claims."""


class ReleaseRequest(RequestBody):
    """Has no fields: the item knows who claimed it."""


class ResolveRequest(RequestBody):
    """`uphold`: the flag was right; only the author and moderators still see the text. `overturn`: the flag was wrong; a held
    text is published. `because` is the code of a reason that `moderation_queue` lists for the verdict; its words are kept before
    the reason. The reason is replaced by "(erased)" when anybody in the thread is erased, since it may quote them."""

    verdict: Verdict
    reason: Text
    because: ListedReason = ""


class ReadingQuery(RequestBody):
    """`reading_for` is required for a text that nobody flagged, reported or blocked; the policy lists the accepted reasons."""

    kind: Readable
    reading_for: ReadingFor = "unstated"


class ReadTextBody(AnswerBody):
    """`cause` says what brought the text before a moderator."""

    kind: Readable
    id: Id
    author_id: Id
    text: str
    cause: Literal["flagged", "reported", "blocked", "nothing"]
    written_at: Moment


class ThreadBody(AnswerBody):
    kind: Literal["chat", "product", "order", "assistant"]
    id: Id


class FlagBody(AnswerBody):
    """The decision that put the text into the queue, and its record."""

    record_id: Id
    policy: str
    version: int
    revision: int
    in_force_at: Moment
    digest: str
    rule: str
    reason: str
    message: str


class QueueItemBody(AnswerBody):
    """`blocked`: the author repeatedly sent texts that were refused, and this is one. Its text is empty here; `read_text` reads
    it on record, as the `blocked_text` with the id `subject_id`. Has no subject and an empty text if the author has erased the
    assistant conversation, or the blocked text is no longer kept."""

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
    blocked: bool
    created_at: Moment
    state: QueueState
    claimed_by: Id | None
    claimed_at: Moment | None
    verdict: Verdict | None
    reason: str | None
    resolved_by: Id | None
    resolved_at: Moment | None
    final_verdict: Verdict | None = Field(description="The verdict after an appeal that changed it.")


class ReportRequest(RequestBody):
    """A text that the caller sees and somebody else wrote. Its author is never told who reported it."""

    kind: Literal["chat_message", "review", "dispute_message"]
    text_id: Id
    because: ReportBecause


class TextReportBody(AnswerBody):
    """`state`: no moderator has ruled yet, the text was removed, or it was left up, which the caller may appeal against."""

    id: Id
    kind: TextKind
    text_id: Id
    because: ReportBecause
    reported_at: Moment
    state: Literal["open", "removed", "left"]


class AppealRequest(RequestBody):
    because: AppealBecause


class AppealBody(AnswerBody):
    """Exists once for a text and an appellant. `report_id` is null if the author appeals. `delivered` says whether a blocked text
    could still be delivered when its appeal was granted; null for any other."""

    id: Id
    kind: TextKind
    decision_id: Id
    report_id: Id | None
    because: AppealBecause
    opened_at: Moment
    state: AppealState
    ruled_at: Moment | None
    delivered: bool | None


class AppealQuery(PageQuery):
    state: AppealState | None = None


class OpenAppealBody(AppealBody):
    """As moderators see it. `item_id` is null for a blocked text outside of the queue; `read_text` reads it on record, as the
    `blocked_text` with the id `blocked_text_id`."""

    author_id: Id
    appellant_id: Id
    thread: ThreadBody
    item_id: Id | None
    blocked_text_id: Id | None
    ruled_by: Id | None
    reason: str | None


class RuleRequest(RequestBody):
    """`uphold`: the decision stands. `overturn`: it was wrong; the text is delivered or restored, or for a reporter removed.
    `because` is the code of a reason that `appeals` lists for what the verdict says about the text; its words are kept before the
    reason. The reason is replaced by "(erased)" when anybody in the thread is erased, since it may quote them."""

    verdict: Verdict
    reason: Text
    because: ListedReason = ""
