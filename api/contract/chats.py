"""Messages of a chat or a dispute."""

from api.contract.base import AnswerBody, RequestBody
from api.contract.fields import Id, Moment, Text
from api.contract.moderation import ModerationBody


class MessageRequest(RequestBody):
    text: Text


class MessageBody(AnswerBody):
    """`seq` numbers the messages of one chat or dispute from 1 without gaps."""

    id: Id
    seq: int
    author_id: Id
    text: str
    sent_at: Moment
    moderation: ModerationBody
