"""What every refusal looks like."""

from pydantic import BaseModel, ConfigDict, Field


class MisfitBody(BaseModel):
    pointer: str | None = Field(None, description="a JSON pointer into the body")
    parameter: str | None = Field(None, description="a parameter of the query")
    message: str


class ProblemBody(BaseModel):
    """RFC 9457. A denial by a policy carries `policy`, `version`, `outcome`, `rule`, `reason` and `message` too."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[MisfitBody] = Field(default_factory=list, max_length=20)
