"""One of two processes that act at the same moment: `python -m tests.marketplace.racer`.

Reads one job [act, actor id, target id] per line, runs it immediately, and answers one line of JSON. A job of four parts is for
tests.marketplace.disputes.racer.
"""

import json
import os
import random
import sys
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from django.db import IntegrityError, connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402

from api.models import IdempotencyKey  # noqa: E402
from decisions import Denied, bundles  # noqa: E402
from marketplace.accounts.models import User  # noqa: E402
from marketplace.accounts.services import issue_token  # noqa: E402
from marketplace.assistant.services import delete_conversation  # noqa: E402
from marketplace.assistant.services import send_message as say_in_conversation  # noqa: E402
from marketplace.chats.models import Chat, Message  # noqa: E402
from marketplace.chats.services import lock_chat, send_message  # noqa: E402
from marketplace.desk.appealing import rule_on_appeal  # noqa: E402
from marketplace.errors import Refused  # noqa: E402
from marketplace.moderation.models import (  # noqa: E402
    Appeal,
    AppealState,
    AppealVerdict,
    QueueItem,
    State,
    Verdict,
)
from marketplace.moderation.reviewing import claim_item, release_item, resolve_item  # noqa: E402
from marketplace.orders.models import Order, Status  # noqa: E402
from marketplace.orders.services import confirm, open_order  # noqa: E402
from marketplace.reviews.services import review_product  # noqa: E402

MOST_MESSAGES = 1_000
HESITATION = 0.005
"""Seconds between reading and writing in a naive twin, about what a service takes: it does more in between."""


def confirm_order(actor: User, order_id: int) -> str:
    return confirm(actor=actor, order_id=order_id, now=timezone.now()).status


def confirm_naively(actor: User, order_id: int) -> str:
    """The naive twin that must lose: read, set a flag, save."""
    order = Order.objects.get(pk=order_id)
    time.sleep(HESITATION)
    if order.seller_id == actor.pk:
        order.seller_confirmed_at = timezone.now()
    else:
        order.buyer_confirmed_at = timezone.now()
    if order.seller_confirmed_at and order.buyer_confirmed_at:
        order.status, order.completed_at = Status.COMPLETED, timezone.now()
    order.save()
    return order.status


def complete_naively(actor: User, order_id: int) -> str:
    """The naive twin that must lose a double click: check whether it is complete, then complete it."""
    order = Order.objects.get(pk=order_id)
    if order.status == Status.COMPLETED:
        return "as it was"
    time.sleep(HESITATION)
    order.seller_confirmed_at = order.completed_at = timezone.now()
    order.status = Status.COMPLETED
    order.save()
    return "completed"


def sell_naively(actor: User, order_id: int) -> str:
    """The naive twin that must lose: check whether another buyer has it, then confirm this one."""
    order = Order.objects.get(pk=order_id)
    confirmed = Order.objects.filter(product=order.product_id, seller_confirmed_at__isnull=False)
    if confirmed.exclude(pk=order_id).exists():
        return "sold-to-another"
    time.sleep(HESITATION)
    order.seller_confirmed_at = timezone.now()
    order.save()
    return order.status


def write_message(actor: User, order_id: int) -> str:
    send_message(author=actor, chat_id=Order.objects.get(pk=order_id).chat_id, text="Hi", now=timezone.now())
    return "sent"


def flood(actor: User, chat_id: int) -> str:
    """Writes without a pause until refused; returns the number of accepted messages."""
    for sent in range(MOST_MESSAGES):
        try:
            send_message(author=actor, chat_id=chat_id, text="Hi", now=timezone.now())
        except Denied:
            return str(sent)
    return "never refused"


def flood_naively(actor: User, chat_id: int) -> str:
    """The naive twin that must lose: check whether the chat is open, then insert."""
    for sent in range(MOST_MESSAGES):
        if Chat.objects.get(pk=chat_id).locked_at is not None:
            return str(sent)
        Message.objects.create(chat_id=chat_id, seq=sent + 1, author=actor, text="Hi", sent_at=timezone.now())
    return "never refused"


def lock_soon(actor: User, chat_id: int) -> str:
    """Confirms the order while messages arrive."""
    time.sleep(random.uniform(0.01, 0.06))
    return confirm(actor=actor, order_id=Order.objects.get(chat=chat_id).pk, now=timezone.now()).status


def lock_and_count(actor: User, chat_id: int) -> str:
    """The number of messages within the transaction that locks."""
    time.sleep(random.uniform(0.01, 0.06))
    with transaction.atomic():
        lock_chat(chat_id=chat_id, now=timezone.now())
        return str(Message.objects.filter(chat=chat_id).count())


def open_for_product(actor: User, product_id: int) -> str:
    order, created = open_order(buyer=actor, product_id=product_id, now=timezone.now())
    return f"{order.pk} {'new' if created else 'same'}"


def review(actor: User, product_id: int) -> str:
    review_product(buyer=actor, product_id=product_id, rating=5, text="Good.", now=timezone.now())
    return "reviewed"


def insult(actor: User, chat_id: int) -> str:
    send_message(author=actor, chat_id=chat_id, text="insult:0.6", now=timezone.now())
    return "sent"


def claim(actor: User, item_id: int) -> str:
    claim_item(moderator=actor, item_id=item_id, now=timezone.now())
    return "claimed"


def claim_naively(actor: User, item_id: int) -> str:
    """The naive twin that must lose: read, set, save."""
    item = QueueItem.objects.get(pk=item_id)
    if item.state != State.OPEN:
        return "already-claimed"
    time.sleep(HESITATION)
    item.state, item.claimed_by, item.claimed_at = State.CLAIMED, actor, timezone.now()
    item.save()
    return "claimed"


def release(actor: User, item_id: int) -> str:
    release_item(moderator=actor, item_id=item_id, now=timezone.now())
    return "released"


def resolve(actor: User, item_id: int) -> str:
    now = timezone.now()
    resolve_item(moderator=actor, item_id=item_id, verdict=Verdict.UPHOLD, reason="Seen.", now=now)
    return "resolved"


def rule_appeal(actor: User, appeal_id: int) -> str:
    ruled = rule_on_appeal(
        moderator=actor,
        appeal_id=appeal_id,
        verdict=AppealVerdict.OVERTURN,
        reason="Read.",
        now=timezone.now(),
    )
    return ruled.state


def rule_naively(actor: User, appeal_id: int) -> str:
    """The naive twin that must lose: read, deliver, save."""
    appeal = Appeal.objects.get(pk=appeal_id)
    if appeal.state != AppealState.OPEN:
        return "ruled-already"
    time.sleep(HESITATION)
    appeal.state, appeal.ruled_by, appeal.ruled_at = AppealState.OVERTURNED, actor, timezone.now()
    appeal.reason = "Read."
    appeal.save()
    return "overturned"


def post_message(actor: User, chat_id: int) -> str:
    return _post(actor, f"/api/v1/chats/{chat_id}/messages", {"text": "Hi"})


def post_to_assistant(actor: User, conversation_id: int) -> str:
    return _post(actor, f"/assistant/conversations/{conversation_id}/messages", {"text": "Hi"})


def post_to_ninja(actor: User, conversation_id: int) -> str:
    return _post(actor, f"/assistant/ninja/conversations/{conversation_id}/messages", {"text": "Hi"})


def start_with_assistant(actor: User, number: int) -> str:
    return _post(actor, "/assistant/conversations", {"message": f"Chair {number}"})


def start_with_ninja(actor: User, number: int) -> str:
    return _post(actor, "/assistant/ninja/conversations", {"message": f"Chair {number}"})


def _post(actor: User, path: str, body: dict[str, str]) -> str:
    """Over HTTP, under a key that is the same in both processes."""
    client = Client(SERVER_NAME="localhost")
    headers = {
        "Authorization": f"Bearer {issue_token(user=actor, now=timezone.now())}",
        "Idempotency-Key": f"{path}-{body}".replace(" ", "-"),
    }
    answer = client.post(path, body, "application/json", headers=headers)
    return f"{answer.status_code} {answer.text}"


def post_message_naively(actor: User, chat_id: int) -> str:
    """The naive twin that must lose: look up the key, act, store the key."""
    key = f"message-{chat_id}"
    if IdempotencyKey.objects.filter(actor=actor, key=key).exists():
        return "answered"
    message = send_message(author=actor, chat_id=chat_id, text="Hi", now=timezone.now())
    try:
        IdempotencyKey.objects.create(actor=actor, key=key, status=201, created_at=message.sent_at)
    except IntegrityError:
        return "too late"
    return "sent"


def say_to_assistant(actor: User, conversation_id: int) -> str:
    said, _ = say_in_conversation(
        owner=actor, conversation_id=conversation_id, text="Can I review it?", now=timezone.now()
    )
    return f"said {said.seq}"


def erase(actor: User, conversation_id: int) -> str:
    delete_conversation(owner=actor, conversation_id=conversation_id)
    return "erased"


ACTS = {
    act.__name__: act
    for act in (
        *(
            confirm_order,
            confirm_naively,
            complete_naively,
            sell_naively,
            write_message,
            open_for_product,
            review,
        ),
        *(flood, flood_naively, lock_soon, lock_and_count),
        *(
            insult,
            claim,
            claim_naively,
            release,
            resolve,
            rule_appeal,
            rule_naively,
            post_message,
            post_message_naively,
        ),
        *(say_to_assistant, erase, post_to_assistant, post_to_ninja, start_with_assistant, start_with_ninja),
    )
}


def answer(act: str, actor_id: int, target_id: int) -> str:
    try:
        return ACTS[act](User.objects.get(pk=actor_id), target_id)
    except Denied as denied:
        return denied.decision.rule
    except Refused as refused:
        return refused.code
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def main() -> None:
    from tests.marketplace.disputes import racer as disputes  # it imports this module

    connection.ensure_connection()
    bundles.in_force()
    say("ready")
    answers = {3: answer, 4: disputes.answer}
    for line in sys.stdin:
        job = json.loads(line)
        say(json.dumps(answers[len(job)](*job)))


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
