"""What every refusal looks like."""

from pydantic import Field

from api.contract.base import AnswerBody


class MisfitBody(AnswerBody):
    """One place that does not fit: `pointer` or `parameter` names it."""

    pointer: str | None = Field(None, description="A JSON pointer into the body.")
    parameter: str | None = Field(None, description="A parameter of the query.")
    message: str


class ProblemBody(AnswerBody):
    """RFC 9457. `policy` and what follows it are there where a policy denied, `support` where the policy wants it shown."""

    type: str = Field(description="The address of a page about this code, relative to the server.")
    title: str
    status: int
    detail: str
    code: str = Field(
        description="Stable: what a program should look at. A denial has the id of the rule that denied."
    )
    errors: list[MisfitBody] = Field(default_factory=list, max_length=20)
    policy: str | None = None
    version: int | None = None
    outcome: str | None = None
    rule: str | None = None
    reason: str | None = None
    message: str | None = None
    support: str | None = None
