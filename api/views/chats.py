"""Messages of a chat."""

from collections.abc import Iterable
from typing import Any

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from api.contract.chats import MessageBody, MessageRequest
from api.contract.moderation import ModerationBody
from api.pages import list_page
from api.parsing import read_body
from api.views.base import ApiView
from marketplace.chats.models import Message
from marketplace.chats.queries import access_chat_as_party, messages_of
from marketplace.chats.services import send_message
from marketplace.moderation.queries import told_about


class MessagesView(ApiView):
    def get(self, request: Request, chat_id: int) -> Response:
        chat = access_chat_as_party(self.caller, chat_id)
        messages = messages_of(chat, reader=self.caller)
        return Response(list_page(request, messages, self._render_all))

    def post(self, request: Request, chat_id: int) -> Response:
        written = read_body(request, MessageRequest)
        message = send_message(author=self.caller, chat_id=chat_id, text=written.text, now=timezone.now())
        return Response(self._render(message), status=201)

    def _render_all(self, messages: Iterable[Message]) -> list[dict[str, Any]]:
        return [self._render(message) for message in messages]

    def _render(self, message: Message) -> dict[str, Any]:
        told = told_about(message.queue_item, own=message.author_id == self.caller.pk)
        return MessageBody(
            id=message.pk,
            seq=message.seq,
            author_id=message.author_id,
            text=message.text,
            sent_at=message.sent_at,
            moderation=ModerationBody.of(told),
        ).model_dump(mode="json")
