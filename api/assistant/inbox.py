"""Assistant operations for signed-in users, whose conversations and messages are stored."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from api.assistant.answering import answer
from api.contract.assistant import (
    BasisBody,
    ChangeRequest,
    ConversationBody,
    ExchangeBody,
    ExportBody,
    SaidBody,
    SayRequest,
    StartedBody,
    StartRequest,
)
from api.contract.moderation import ModerationBody
from api.idempotency import answer_about
from api.pagination import list_page
from api.subjects import CONVERSATION
from marketplace.accounts.models import User
from marketplace.assistant.models import Author, Conversation, Message
from marketplace.assistant.queries import access_conversation, conversations_of, messages_of
from marketplace.assistant.services import (
    change_conversation,
    delete_conversation,
    send_message,
    start_conversation,
)
from marketplace.moderation.queries import moderation_status

NEWEST_FIRST = ("-updated_at", "-pk")


def list_inbox(request: HttpRequest, user: User) -> HttpResponse:
    rows = conversations_of(user)
    page = list_page(request, rows, ConversationBody.render_all, order=NEWEST_FIRST, name="assistant.inbox")
    return answer(request, user, page)


def start(request: HttpRequest, user: User, wanted: StartRequest) -> HttpResponse:
    conversation, messages = start_conversation(
        owner=user, text=wanted.message, product_id=wanted.product_id, now=timezone.now()
    )
    answer_about((CONVERSATION, conversation.pk))
    body = StartedBody(**_fields(conversation), messages=_said(messages))
    return answer(request, user, body, status=201)


def read(request: HttpRequest, user: User, conversation_id: int) -> HttpResponse:
    return answer(request, user, ConversationBody.of(access_conversation(user, conversation_id)))


def change(request: HttpRequest, user: User, conversation_id: int, wanted: ChangeRequest) -> HttpResponse:
    changed = change_conversation(
        owner=user, conversation_id=conversation_id, title=wanted.title, read_seq=wanted.read_seq
    )
    return answer(request, user, ConversationBody.of(changed))


def delete(request: HttpRequest, user: User, conversation_id: int) -> HttpResponse:
    delete_conversation(owner=user, conversation_id=conversation_id)
    return answer(request, user, None, status=204)


def export(request: HttpRequest, user: User, conversation_id: int) -> HttpResponse:
    conversation = access_conversation(user, conversation_id)
    body = ExportBody(**_fields(conversation), messages=_said(messages_of(conversation)))
    response = answer(request, user, body)
    response["Content-Disposition"] = f'attachment; filename="conversation-{conversation.pk}.json"'
    return response


def list_messages(request: HttpRequest, user: User, conversation_id: int) -> HttpResponse:
    conversation = access_conversation(user, conversation_id)
    name = f"assistant.messages:{conversation.pk}"
    return answer(request, user, list_page(request, messages_of(conversation), _render_all, name=name))


def say(request: HttpRequest, user: User, conversation_id: int, wanted: SayRequest) -> HttpResponse:
    message, reply = send_message(
        owner=user, conversation_id=conversation_id, text=wanted.text, now=timezone.now()
    )
    answer_about((CONVERSATION, conversation_id))
    said, answered = _said([message, reply])
    return answer(request, user, ExchangeBody(message=said, reply=answered), status=201)


def _fields(conversation: Conversation) -> dict[str, Any]:
    return ConversationBody.of(conversation).model_dump()


def _render_all(messages: Iterable[Message]) -> list[dict[str, Any]]:
    return [said.model_dump(mode="json") for said in _said(list(messages))]


def _said(messages: Iterable[Message]) -> list[SaidBody]:
    return [_one(message) for message in messages]


def _one(message: Message) -> SaidBody:
    return SaidBody(
        id=message.pk,
        seq=message.seq,
        author="user" if message.author == Author.USER else "assistant",
        text=message.text,
        sent_at=message.sent_at,
        topic=message.about.get("topic"),
        decision=_basis(message),
        suggestions=message.about.get("suggestions", []),
        moderation=ModerationBody.of(moderation_status(message.queue_item, own=True)),
    )


def _basis(message: Message) -> BasisBody | None:
    """Older messages name neither the revision, as there were none, nor the moment that chose the version."""
    basis = message.about.get("decision")
    return BasisBody(**{"revision": 0, "in_force_at": message.sent_at, **basis}) if basis else None
