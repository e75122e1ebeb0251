"""Messages of a chat."""

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from api.contract.chats import MessageRequest
from api.pagination import list_page
from api.parsing import read_body
from api.views.base import ApiView
from api.views.messages import messages_for, render_message
from marketplace.chats.queries import access_chat_as_party, messages_of
from marketplace.chats.services import send_message


class MessagesView(ApiView):
    def get(self, request: Request, chat_id: int) -> Response:
        chat = access_chat_as_party(self.caller, chat_id)
        messages = messages_of(chat, reader=self.caller)
        return Response(list_page(request, messages, messages_for(self.caller)))

    def post(self, request: Request, chat_id: int) -> Response:
        written = read_body(request, MessageRequest)
        message = send_message(author=self.caller, chat_id=chat_id, text=written.text, now=timezone.now())
        return Response(render_message(message, reader=self.caller), status=201)
