"""The body of every error response."""

from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from api.contract.base import AnswerBody
from api.contract.fields import Moment

Nothing = SkipJsonSchema[None]
"""The field is omitted rather than null."""


class MisfitBody(AnswerBody):
    """One invalid place in the request, located by `pointer` or `parameter`."""

    pointer: str | Nothing = Field(None, description="A JSON pointer into the body.")
    parameter: str | Nothing = Field(None, description="A parameter of the query.")
    message: str


class ProblemBody(AnswerBody):
    """RFC 9457. `policy` and the fields after it are present if a policy denied the request; `support` is for somebody in
    distress."""

    type: str = Field(description="The URL of a page about this code, relative to the server.")
    title: str
    status: int
    detail: str
    code: str = Field(description="Stable, for programs. A policy denial has the id of the deciding rule.")
    errors: list[MisfitBody] = Field(default_factory=list, max_length=20)
    policy: str | Nothing = None
    version: int | Nothing = None
    revision: int | Nothing = None
    in_force_at: Moment | Nothing = Field(None, description="The moment that chose the version.")
    outcome: str | Nothing = None
    rule: str | Nothing = None
    reason: str | Nothing = None
    message: str | Nothing = None
    support: str | Nothing = None
