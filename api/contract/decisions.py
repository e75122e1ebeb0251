"""Recorded decisions, for the party concerned and for staff."""

from typing import Any

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
