"""The policy API: which policies are in force, and what they decide for given facts."""

from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal

from pydantic import Field, WithJsonSchema

from api.contract.base import AnswerBody, RequestBody
from api.contract.fields import Line, Moment

MAX_BATCH: Final = 1_000

_DECIDABLE: Final = (
    r"^(19[7-9][0-9]|2[01][0-9]{2})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])[Tt]"
    r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$"
)
# The engine supports moments from 1970 to 2200.
DecidableMoment = Annotated[
    Moment,
    Field(ge=datetime(1970, 1, 1, tzinfo=UTC), lt=datetime(2200, 1, 1, tzinfo=UTC)),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": _DECIDABLE}),
]
Facts = dict[str, Any]
PolicyName = Annotated[Line, Field(min_length=1, max_length=100)]


class DecideRequest(RequestBody):
    """`at` is the moment to decide for; the default is now. `explain` asks why the decision came out this way,
    `counterfactuals` which smallest changes of the facts would give a more permissive outcome."""

    facts: Facts
    at: DecidableMoment | None = None
    explain: bool = False
    counterfactuals: bool = False


class BatchItem(DecideRequest):
    policy: PolicyName


class BatchRequest(RequestBody):
    items: Annotated[list[BatchItem], Field(min_length=1, max_length=MAX_BATCH)]


class FactErrorBody(AnswerBody):
    path: str
    code: str
    message: str


class ChangeBody(AnswerBody):
    """`kind` is set, add or remove. `fact` is `now` if time has to pass; `named` says that `text` names a condition."""

    fact: str
    kind: Literal["set", "add", "remove"]
    value: Any
    named: bool
    text: str


class CounterfactualBody(AnswerBody):
    """The decision if all of `changes` were made."""

    outcome: str
    rule: str
    text: str
    changes: list[ChangeBody]


class CounterfactualsBody(AnswerBody):
    """At most three, smallest first. `complete` is false if the search reached its limit: there may be other or smaller ones."""

    found: list[CounterfactualBody]
    complete: bool


class DecisionBody(AnswerBody):
    """`explanation` and `counterfactuals` are present if requested. If the facts were invalid, `errors` says what to fix, and
    there are no counterfactuals. `in_force_at` is the moment that chose the version: `evaluated_at`, or the earlier moment of the
    fact that the policy's `in_force_by` names."""

    policy: str
    version: int
    revision: int
    digest: str
    outcome: str
    rule: str
    reason: str
    message: str
    obligations: list[str]
    outputs: dict[str, Any]
    matched: list[str]
    errors: list[FactErrorBody]
    evaluated_at: str
    in_force_at: str
    status: Literal["conflict", "forbidden"] | None = None
    explanation: dict[str, Any] | None = None
    counterfactuals: CounterfactualsBody | None = None


class BatchBody(AnswerBody):
    """Decisions in the order of the items, all from the same bundle."""

    items: list[DecisionBody]


class PolicyBody(AnswerBody):
    """`in_force_by` names the fact whose moment can choose an older version."""

    name: str
    version: int
    revision: int
    digest: str
    summary: str
    in_force_by: str | None


class PolicyListBody(AnswerBody):
    """`digest` identifies the bundle in force."""

    digest: str
    items: list[PolicyBody]
