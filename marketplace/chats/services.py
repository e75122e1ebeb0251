"""Opening, writing to and locking chats."""

from datetime import datetime

from django.db.models import F, Q

from decisions import Denied, Subject, decide
from decisions.inserting import insert
from engine import Decision
from marketplace.accounts.models import User
from marketplace.catalog.models import Product
from marketplace.chats.facts import chat_facts
from marketplace.chats.models import Chat, Message
from marketplace.chats.queries import chats_of
from marketplace.errors import Refused
from marketplace.moderation.detection import Examined, examine
from marketplace.moderation.erasure import blank_rulings_in
from marketplace.moderation.models import Kind, QueueItem
from marketplace.moderation.services import Moderated, moderate
from marketplace.moderation.thread import Thread
from marketplace.transactions import patiently, write


def open_chat(*, product: Product, buyer: User) -> Chat:
    """The buyer's chat about the product, created if necessary. Call it in a transaction."""
    chat, _ = Chat.objects.get_or_create(
        product=product, buyer=buyer, defaults={"seller_id": product.seller_id}
    )
    return chat


def send_message(*, author: User, chat_id: int, text: str, now: datetime) -> Message:
    """Raises Chat.DoesNotExist, or Denied after the record of the refusal is committed."""
    examined = examine(text)
    return patiently(lambda: _send(examined, author=author, chat_id=chat_id, now=now))


def _send(examined: Examined, *, author: User, chat_id: int, now: datetime) -> Message:
    with write():
        chat = chats_of(author).select_for_update(no_key=True).get(pk=chat_id)
        decision = _decide(author=author, chat=chat, now=now)
        if decision.permits:
            moderated = _moderate(examined, author=author, chat=chat, now=now)
            if moderated.passes:
                return _append(chat=chat, author=author, text=examined.text, item=moderated.item, now=now)
            decision = moderated.decision
    raise Denied(decision)


def _decide(*, author: User, chat: Chat, now: datetime) -> Decision:
    subject = Subject(kind="chat", id=chat.pk, actor_id=author.pk)
    return decide(
        "chat", chat_facts(author=author, chat=chat), now=now, subject=subject, record=True, superset=True
    )


def _moderate(examined: Examined, *, author: User, chat: Chat, now: datetime) -> Moderated:
    thread = Thread("chat", chat.pk)
    return moderate(examined, kind=Kind.CHAT_MESSAGE, mode="normal", author=author, thread=thread, now=now)


def deliver_message(*, author: User, chat_id: int, text: str, item: QueueItem | None, now: datetime) -> bool:
    """Delivers a text that was blocked, if the policy still lets its author write. Call it in a transaction."""
    chat = chats_of(author).select_for_update(no_key=True).get(pk=chat_id)
    if not _decide(author=author, chat=chat, now=now).permits:
        return False
    _append(chat=chat, author=author, text=text, item=item, now=now)
    return True


def _append(*, chat: Chat, author: User, text: str, item: QueueItem | None, now: datetime) -> Message:
    taken = Chat.objects.filter(pk=chat.pk, locked_at=None).update(last_seq=F("last_seq") + 1)
    if not taken:
        raise Refused("chat-locked", "This chat is locked and accepts no more messages.")
    message = Message(
        chat=chat, seq=chat.last_seq + 1, author=author, text=text, sent_at=now, queue_item=item
    )
    insert(message)
    return message


def lock_chat(*, chat_id: int, now: datetime) -> bool:
    """Whether this call locked it. A chat is never unlocked. Call it in a transaction."""
    return (
        Chat.objects.filter(pk=chat_id, locked_at=None).update(locked_at=now, locked_seq=F("last_seq")) == 1
    )


def blank_messages(*, user_id: int) -> int:
    """For the erasure of an account: blanks the texts but keeps the messages, in locked chats too."""
    theirs = Chat.objects.filter(Q(buyer_id=user_id) | Q(seller_id=user_id))
    messages = Message.objects.filter(author_id=user_id).exclude(text="").update(text="")
    return messages + blank_rulings_in("chat", theirs.values("pk"))
