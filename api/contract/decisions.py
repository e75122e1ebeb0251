"""Recorded decisions, for the party concerned and for staff, and statements of reasons."""

from typing import Any, Literal

from api.contract.base import AnswerBody
from api.contract.fields import Id, Moment


class DecisionEntryBody(AnswerBody):
    """One decision in a list; `read_decision` has the rest."""

    id: Id
    policy: str
    version: int
    revision: int
    in_force_at: Moment
    outcome: str
    rule: str
    reason: str
    subject_kind: str
    subject_id: int | None
    decided_at: Moment


class RecordedDecisionBody(AnswerBody):
    """`facts` are those that the caller may see, `conditions` says which named conditions held. `lacks` says why parts cannot be
    told, such as `erased`."""

    id: Id
    policy: str
    version: int
    revision: int
    in_force_at: Moment
    outcome: str
    rule: str
    reason: str
    message: str
    source: str | None
    subject_kind: str
    subject_id: int | None
    decided_at: Moment
    facts: dict[str, Any]
    conditions: dict[str, bool]
    lacks: str | None


class GroundBody(AnswerBody):
    """The rule of the marketplace that the decision rests on. `category` is null where no text was judged."""

    policy: str
    version: int
    revision: int
    rule: str
    reason: str
    category: str | None
    source: str | None
    explanation: str


class StatementBody(AnswerBody):
    """A statement of reasons, with what Article 17 of the EU's Digital Services Act asks for. Asked again, it is the same. The
    restriction holds everywhere, for `duration`. `appeal_until` is null if there is no appeal; `elsewhere` says where else to
    turn. `lacks` says why parts cannot be told, such as `erased`."""

    decision_id: Id
    decided_at: Moment
    restriction: Literal["refusal", "hold", "removal", "lock", "rejected_appeal"]
    duration: Literal["once", "until_reviewed", "permanent"]
    subject_kind: str
    subject_id: int | None
    prompted_by: Literal["own_initiative", "report", "request"]
    detected_by_machine: bool
    decided_by_machine: bool
    ground: GroundBody
    facts: dict[str, Any]
    appeal_until: Moment | None
    elsewhere: str
    lacks: str | None
