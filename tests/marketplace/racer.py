"""One of two processes that act at the same moment: `python -m tests.marketplace.racer`.

It reads one job a line, [act, actor id, id of what is acted on], does it at once, and answers one line of JSON.
"""

import json
import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from decisions import Denied, bundles  # noqa: E402
from marketplace.accounts.models import User  # noqa: E402
from marketplace.assistant.services import delete_conversation  # noqa: E402
from marketplace.assistant.services import send_message as say_in_conversation  # noqa: E402
from marketplace.chats.services import send_message  # noqa: E402
from marketplace.errors import Refused  # noqa: E402
from marketplace.moderation.models import QueueItem, State, Verdict  # noqa: E402
from marketplace.moderation.services import claim_item, resolve_item  # noqa: E402
from marketplace.orders.models import Order, Status  # noqa: E402
from marketplace.orders.services import confirm, open_order, review_product  # noqa: E402


def confirm_order(actor: User, order_id: int) -> str:
    return confirm(actor=actor, order_id=order_id, now=timezone.now()).status


def confirm_naively(actor: User, order_id: int) -> str:
    """The twin that must lose: read, set a flag, save."""
    order = Order.objects.get(pk=order_id)
    if order.seller_id == actor.pk:
        order.seller_confirmed_at = timezone.now()
    else:
        order.buyer_confirmed_at = timezone.now()
    if order.seller_confirmed_at and order.buyer_confirmed_at:
        order.status, order.completed_at = Status.COMPLETED, timezone.now()
    order.save()
    return order.status


def write_message(actor: User, order_id: int) -> str:
    send_message(author=actor, chat_id=Order.objects.get(pk=order_id).chat_id, text="Hi", now=timezone.now())
    return "sent"


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
    """The twin that must lose: look, set, save."""
    item = QueueItem.objects.get(pk=item_id)
    if item.state != State.OPEN:
        return "already-claimed"
    item.state, item.claimed_by, item.claimed_at = State.CLAIMED, actor, timezone.now()
    item.save()
    return "claimed"


def resolve(actor: User, item_id: int) -> str:
    now = timezone.now()
    resolve_item(moderator=actor, item_id=item_id, verdict=Verdict.UPHOLD, reason="Seen.", now=now)
    return "resolved"


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
        *(confirm_order, confirm_naively, write_message, open_for_product, review),
        *(insult, claim, claim_naively, resolve),
        *(say_to_assistant, erase),
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
    connection.ensure_connection()
    bundles.in_force()
    say("ready")
    for line in sys.stdin:
        say(json.dumps(answer(*json.loads(line))))


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
