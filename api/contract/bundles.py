"""Published bundles of policies: publish, compare, approve, activate and take back."""

from typing import Annotated, Any, Final, Literal

from pydantic import Field

from api.contract.base import AnswerBody, RequestBody
from api.contract.fields import MAX_TEXT, Id, Line, Moment
from api.contract.policies import DecidableMoment

MAX_FILES: Final = 1_000

FileName = Annotated[Line, Field(min_length=1, max_length=200)]
Digest = Annotated[Line, Field(max_length=100)]
Reason = Annotated[Line, Field(max_length=MAX_TEXT)]


class GitAuthorBody(RequestBody):
    name: Annotated[Line, Field(max_length=200)]
    email: Annotated[Line, Field(max_length=254)]


class BundleRequest(RequestBody):
    """`files` has the text of each file by its name: `chat.yaml`, `claims.yaml`, `cases/chat.yaml`. `authors` are the git authors
    of what is new; whoever has an account with such an address cannot approve. `revision` is the git revision."""

    files: Annotated[dict[FileName, Line], Field(max_length=MAX_FILES)]
    authors: Annotated[list[GitAuthorBody], Field(max_length=MAX_FILES)] = Field(default_factory=list)
    revision: Annotated[Line, Field(max_length=80)] = ""


class PlainRequest(RequestBody):
    """Nothing."""


class ExplainedRequest(RequestBody):
    reason: Reason = ""


class ForcedRequest(RequestBody):
    reason: Annotated[Reason, Field(min_length=1)]


class VerdictRequest(ExplainedRequest):
    """The digests of the bundle and of the report that the caller has read."""

    digest: Digest
    report_digest: Digest


class ScheduleRequest(RequestBody):
    at: DecidableMoment


class RollbackRequest(ExplainedRequest):
    """`bundle_id` is a bundle that has been in force; by default the one before."""

    bundle_id: Id | None = None


class BundleEntryBody(AnswerBody):
    id: Id
    digest: str
    state: Literal["published", "rejected", "withdrawn", "scheduled", "active", "replaced"]
    revision: str
    published_by: Id
    published_at: Moment


class BundleBody(BundleEntryBody):
    """`files` has the SHA-256 of each file. `authors` are the accounts of its authors. `report_digest` is null until a report
    compares the bundle with the one in force; `approvals` counts those who approved that report. `scheduled_for` is null unless
    the bundle is scheduled. `needs_review` is true from when the bundle is put in force without approval until somebody else
    reviews that."""

    files: dict[str, str]
    authors: list[Id]
    authors_without_account: list[str]
    report_digest: str | None
    approvals: int
    scheduled_for: Moment | None
    needs_review: bool


class ReportBody(AnswerBody):
    """`text` is for people, `report` for programs. `base_id` is the bundle that it is compared with, or null for the folder."""

    digest: str
    bundle_id: Id
    bundle_digest: str
    base_id: int | None
    change: Literal["texts", "parameters", "rules", "claims"]
    not_proven: int
    made_at: Moment
    text: str
    report: dict[str, Any]
