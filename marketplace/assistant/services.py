"""Writes to stored conversations: moderates and stores each message, then stores the answer."""

from contextlib import nullcontext
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Greatest, Least

from decisions import Denied, Subject, decide
from engine import Decision
from marketplace.accounts.erasure import forget_copies
from marketplace.accounts.models import User
from marketplace.assistant.answers.reply import Context, Reply, Turn
from marketplace.assistant.models import Author, Conversation, Message
from marketplace.assistant.naming import DEFAULT, name_conversation
from marketplace.assistant.queries import access_conversation
from marketplace.assistant.responding import respond
from marketplace.assistant.titles import clean, cut
from marketplace.catalog.models import Product
from marketplace.catalog.queries import access_product
from marketplace.errors import Refused
from marketplace.moderation.appeals import withdraw_appeals_about
from marketplace.moderation.detection import Examined, examine
from marketplace.moderation.keeping import Place, forget_blocked_in
from marketplace.moderation.models import Kind, QueueItem
from marketplace.moderation.services import moderate
from marketplace.moderation.thread import Thread
from marketplace.transactions import write

LONGEST_TITLE = 60
MAX_TURNS = 20


def start_conversation(
    *, owner: User, text: str, product_id: int | None, now: datetime
) -> tuple[Conversation, list[Message]]:
    """Raises Product.DoesNotExist, or Denied after the record of the refusal is committed."""
    product = access_product(product_id) if product_id is not None else None
    examined = examine(text)
    with write():
        place = {"conversation_id": None, "product_id": product_id}
        decision, item = _admit(examined, owner=owner, place=place, now=now)
        if decision is None:
            conversation = _begin(owner=owner, product=product, text=text, now=now)
            message = _append(conversation, Author.USER, examined.text, item=item, now=now)
    if decision is not None:
        raise Denied(decision)
    reply = _answer(conversation, message, owner=owner, now=now)
    return access_conversation(owner, conversation.pk), [message, reply]


def _begin(*, owner: User, product: Product | None, text: str, now: datetime) -> Conversation:
    conversation = Conversation.objects.create(
        owner=owner, product=product, title="-", created_at=now, updated_at=now
    )
    subject = Subject(kind="conversation", id=conversation.pk, actor_id=owner.pk)
    name = product.name if product else ""
    conversation.title = name_conversation(text=text, product_name=name, subject=subject, now=now)
    conversation.save(update_fields=["title"])
    return conversation


def send_message(*, owner: User, conversation_id: int, text: str, now: datetime) -> tuple[Message, Message]:
    """Returns the message and its answer. Raises Conversation.DoesNotExist, or Denied after the record of the refusal is
    committed."""
    examined = examine(text)
    with write():
        owned = Conversation.objects.filter(owner=owner)
        conversation = owned.select_for_update(no_key=True).get(pk=conversation_id)
        place = {"conversation_id": conversation.pk}
        decision, item = _admit(examined, owner=owner, place=place, now=now)
        if decision is None:
            message = _append(conversation, Author.USER, examined.text, item=item, now=now)
    if decision is not None:
        raise Denied(decision)
    return message, _answer(conversation, message, owner=owner, now=now)


def _admit(
    examined: Examined, *, owner: User, place: Place, now: datetime
) -> tuple[Decision | None, QueueItem | None]:
    """The refusing decision, or None; and the queue item of a flagged text that passes."""
    decision = _decide(owner, place["conversation_id"], now)
    if not decision.permits:
        return decision, None
    # All of a user's conversations with the assistant have the same two parties, so they count as one thread.
    thread = Thread("assistant", owner.pk)
    moderated = moderate(
        examined,
        kind=Kind.ASSISTANT_MESSAGE,
        mode="normal",
        author=owner,
        thread=thread,
        now=now,
        place=place,
    )
    return (None, moderated.item) if moderated.passes else (moderated.decision, None)


def _decide(owner: User, conversation_id: int | None, now: datetime) -> Decision:
    facts = {"action": "speak", "logged_in": True, "started_at": None, "last_spoke_at": None}
    subject = Subject(kind="conversation", id=conversation_id, actor_id=owner.pk)
    return decide("assistant_session", facts, now=now, subject=subject, record=True, superset=True)


def deliver_message(*, owner: User, place: Place, text: str, item: QueueItem | None, now: datetime) -> bool:
    """Adds a message that was blocked to its conversation, or starts the one that it was to start. It gets no answer, since
    nobody waits for one. Call it in a transaction."""
    number = place["conversation_id"]
    conversation = None
    if number is not None:
        owned = Conversation.objects.filter(owner=owner).select_for_update(no_key=True)
        conversation = owned.filter(pk=number).first()
        if conversation is None:
            return False
    if not _decide(owner, number, now).permits:
        return False
    if conversation is None:
        product_id = place.get("product_id")
        product = None if product_id is None else access_product(product_id)
        conversation = _begin(owner=owner, product=product, text=text, now=now)
    _append(conversation, Author.USER, text, item=item, now=now)
    return True


def _answer(conversation: Conversation, message: Message, *, owner: User, now: datetime) -> Message:
    """Runs in its own transaction, so that no lock is held while a responder works, unless the request has an idempotency key."""
    context = Context(
        text=message.text,
        now=now,
        user=owner,
        product_id=conversation.product_id,
        turns=_turns_before(message),
    )
    # A failing query must not abort an open transaction that contains the message.
    isolation = transaction.atomic() if connection.in_atomic_block else nullcontext()
    reply = respond(context, isolation=isolation)
    with write():
        return _append(conversation, Author.ASSISTANT, reply.text, reply=reply, now=now)


def _turns_before(message: Message) -> list[Turn]:
    earlier = Message.objects.filter(conversation_id=message.conversation_id, seq__lt=message.seq)
    messages = list(earlier.order_by("-seq")[:MAX_TURNS])
    return [
        Turn("user" if said.author == Author.USER else "assistant", said.text, said.about.get("topic", ""))
        for said in reversed(messages)
    ]


def _append(
    conversation: Conversation,
    author: Author,
    text: str,
    *,
    now: datetime,
    item: QueueItem | None = None,
    reply: Reply | None = None,
) -> Message:
    """Raises Refused if the owner deleted the conversation meanwhile."""
    row = Conversation.objects.filter(pk=conversation.pk)
    if not row.update(last_seq=F("last_seq") + 1, updated_at=Greatest("updated_at", now)):
        raise Refused("conversation-deleted", "This conversation was deleted in the meantime.")
    return Message.objects.create(
        conversation_id=conversation.pk,
        seq=row.values_list("last_seq", flat=True).get(),
        author=author,
        text=text,
        sent_at=now,
        queue_item=item,
        about=reply.about() if reply else {},
    )


def change_conversation(
    *, owner: User, conversation_id: int, title: str | None = None, read_seq: int | None = None
) -> Conversation:
    """Renames it and marks messages as read, never as unread. Raises Conversation.DoesNotExist."""
    changes: dict[str, object] = {}
    if title is not None:
        changes["title"] = cut(clean(title), LONGEST_TITLE) or DEFAULT
    if read_seq is not None:
        changes["read_seq"] = Greatest("read_seq", Least("last_seq", read_seq))
    Conversation.objects.filter(owner=owner, pk=conversation_id).update(**changes)
    return access_conversation(owner, conversation_id)


def delete_conversation(*, owner: User, conversation_id: int) -> None:
    """Deletes the conversation with every message. The queue keeps the findings of a flagged one, but no text. Raises
    Conversation.DoesNotExist."""
    with write():
        # Lock against concurrent messages: one inserted in between would make the deletion fail.
        conversation = Conversation.objects.filter(owner=owner).select_for_update().get(pk=conversation_id)
        flagged = QueueItem.objects.filter(assistant_message__conversation=conversation)
        withdraw_appeals_about(decisions=list(flagged.values_list("decision_id", flat=True)))
        conversation.delete()
        forget_blocked_in(owner_id=owner.pk, conversation_id=conversation_id)
        forget_copies(kind="conversation", number=conversation_id)


def delete_conversations(*, user_id: int) -> int:
    """For the erasure of an account: nobody else takes part in these conversations, so they are deleted entirely."""
    owned = Conversation.objects.filter(owner_id=user_id)
    return len([conversation.delete() for conversation in owned.select_for_update().order_by("pk")])
