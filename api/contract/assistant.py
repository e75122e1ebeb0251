"""Bodies of the assistant API: the session, stored conversations with their messages, and ephemeral messages."""

from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import PydanticCustomError

from api.contract.base import AnswerBody, RequestBody
from api.contract.fields import Id, Line, Moment, Text
from api.contract.moderation import ModerationBody

MAX_STATE: Final = 16 * 1024
MAX_TITLE: Final = 200
MAX_SEQ: Final = 2**31 - 1

Lane = Literal["ephemeral", "inbox"]
Speaker = Literal["user", "assistant"]


class WhoBody(AnswerBody):
    id: Id
    username: str


class InboxBody(AnswerBody):
    unread: int


class SessionBody(AnswerBody):
    """`expires_at` is when an anonymous conversation ends; null if none is running or the caller is signed in. `inbox` is null
    for anonymous callers."""

    lane: Lane
    authenticated: bool
    user: WhoBody | None
    expires_at: Moment | None
    message: str
    inbox: InboxBody | None


class WidgetBody(AnswerBody):
    """What the floating assistant shows before the first message."""

    greeting: str
    suggestions: list[str]
    max_text: int
    max_turns: int


class BasisBody(AnswerBody):
    """The decision that a reply explains."""

    policy: str
    version: int
    revision: int
    in_force_at: Moment
    outcome: str
    rule: str
    reason: str


class SaidBody(AnswerBody):
    """A message of a stored conversation. Only replies have `topic`, `decision` and `suggestions`."""

    id: Id
    seq: int
    author: Speaker
    text: str
    sent_at: Moment
    topic: str | None
    decision: BasisBody | None
    suggestions: list[str]
    moderation: ModerationBody


class ConversationBody(AnswerBody):
    """`unread` counts the replies after `read_seq`."""

    id: Id
    title: str
    product_id: Id | None
    unread: int
    last_seq: int
    read_seq: int
    created_at: Moment
    updated_at: Moment


class StartedBody(ConversationBody):
    messages: list[SaidBody]


class ExportBody(ConversationBody):
    """Everything stored about a conversation."""

    messages: list[SaidBody]


class ExchangeBody(AnswerBody):
    message: SaidBody
    reply: SaidBody


class ReplyBody(AnswerBody):
    text: str
    topic: str
    decision: BasisBody | None
    suggestions: list[str]


class EphemeralBody(AnswerBody):
    """Send `state` with the next message; it is valid in this browser until `expires_at`. `support` says where to get help; it
    is null unless the message suggests that its author is in distress."""

    reply: ReplyBody
    state: str
    expires_at: Moment
    support: str | None


class StartRequest(RequestBody):
    message: Text
    product_id: Id | None = None


class SayRequest(RequestBody):
    text: Text


class ChangeRequest(RequestBody):
    """`title` renames the conversation; `read_seq` marks everything up to that message as read."""

    # Not `anyOf`: client generators create a type for each alternative.
    model_config = {**RequestBody.model_config, "json_schema_extra": {"minProperties": 1}}

    title: Annotated[Text, Field(max_length=MAX_TITLE)] | SkipJsonSchema[None] = None
    read_seq: Annotated[int, Field(ge=0, le=MAX_SEQ)] | SkipJsonSchema[None] = None

    @model_validator(mode="after")
    def changes_something(self) -> Self:
        if self.title is None and self.read_seq is None:
            raise PydanticCustomError("no_change", "Either title or read_seq should be given")
        return self


class EphemeralRequest(RequestBody):
    text: Text
    product_id: Id | None = None
    state: Annotated[Line, Field(min_length=1, max_length=MAX_STATE)] | None = None
