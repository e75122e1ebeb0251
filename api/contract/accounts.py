"""Signing in for a bearer token."""

from typing import Annotated, Literal

from pydantic import Field

from api.contract.base import AnswerBody, RequestBody
from api.contract.fields import Id, Line


class Credentials(RequestBody):
    username: Annotated[Line, Field(min_length=1, max_length=150)]
    password: Annotated[Line, Field(min_length=1, max_length=1_000, repr=False)]


class UserBody(AnswerBody):
    id: Id
    username: str
    role: Literal["buyer", "seller", "agent", "moderator", "policy_owner"]


class TokenBody(AnswerBody):
    """`token` is shown only once; the server keeps its digest."""

    token: Annotated[str, Field(repr=False)]
    user: UserBody
