"""What was decided about people in one month, as counts."""

from typing import Annotated

from pydantic import Field

from api.contract.base import AnswerBody, RequestBody


class MonthQuery(RequestBody):
    month: Annotated[
        str, Field(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", description="A month in UTC, as 2026-11.")
    ]


class RefusalsBody(AnswerBody):
    """Of one rule."""

    policy: str
    rule: str
    category: str | None
    count: int


class MonthBody(AnswerBody):
    """`reports` are counted by their reason. `appeals` are those made in the month, by their state now; `median_hours` is until
    their ruling."""

    month: str
    refusals: list[RefusalsBody]
    holds: int
    removals: int
    removals_after_report: int
    locks: int
    reports: dict[str, int]
    appeals: dict[str, int]
    appeals_by_reporters: int
    median_hours: float | None
