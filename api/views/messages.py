"""Renders a message of a chat or dispute for its reader."""

from collections.abc import Callable, Iterable
from typing import Any

from api.contract.chats import MessageBody
from api.contract.moderation import ModerationBody
from marketplace.accounts.models import User
from marketplace.chats.models import Message
from marketplace.disputes.models import DisputeMessage
from marketplace.moderation.queries import moderation_status


def render_message(message: Message | DisputeMessage, *, reader: User) -> dict[str, Any]:
    status = moderation_status(message.queue_item, own=message.author_id == reader.pk)
    return MessageBody(
        id=message.pk,
        seq=message.seq,
        author_id=message.author_id,
        text=message.text,
        sent_at=message.sent_at,
        moderation=ModerationBody.of(status),
    ).model_dump(mode="json")


def messages_for(reader: User) -> Callable[[Iterable[Message | DisputeMessage]], list[dict[str, Any]]]:
    return lambda messages: [render_message(message, reader=reader) for message in messages]
