"""Messages of a chat."""

from api.contract.base import AnswerBody, RequestBody
from api.contract.fields import Id, Moment, Text
from api.contract.moderation import ModerationBody


class MessageRequest(RequestBody):
    text: Text


class MessageBody(AnswerBody):
    """`seq` counts the messages of one chat from 1 without gaps."""

    id: Id
    seq: int
    author_id: Id
    text: str
    sent_at: Moment
    moderation: ModerationBody
