"""Texts for the moderators' queue of the demo, written by the real services and judged by the detectors of the installation."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from decisions import BundleUnavailable, Denied
from marketplace.accounts.models import Role
from marketplace.chats.services import send_message
from marketplace.demo.cast import Cast, make_person, offer
from marketplace.disputes.services import open_dispute
from marketplace.errors import Refused
from marketplace.moderation.models import QueueItem
from marketplace.orders.services import confirm, open_order
from marketplace.reviews.services import review_product

SAID: Final = (
    ("kim", "Hello, is the bench still there? I can come on Saturday with a van."),
    ("sam", "It is. Saturday is fine."),
    ("kim", "You are such an idiot. I asked for the measurements three times."),
    ("sam", "Half price on my own site, write to me on WhatsApp +49 170 1234567 and skip the fees!"),
    (
        "kim",
        "Buongiorno, quando arriva finalmente la mia panca? Aspetto una risposta da due settimane.",
    ),
    ("sam", "Somebody rang me and said he will burn my shop down. What should I do?"),
    ("kim", "You are a liar and a crook, and I want my money back."),
    ("kim", '"I know where you live and I will hurt you."'),
    ("sam", "I cannot go on like this. Some days I do not want to be alive any more."),
    ("kim", "Pay today or I will break your fingers."),
    ("kim", "Pay now or I will break your legs."),
    ("kim", "Then I will come and break your arms."),
)
"""The last three are refused, so that one of them is queued."""
DISPUTE: Final = 'The seller wrote to me: "I will break your legs if you complain." Please look at this.'
REVIEW: Final = "Do not buy here. Half price on my own site, write to me on WhatsApp +49 170 7654321!"


def fill_queue(cast: Cast, *, now: datetime) -> None:
    """Ten texts for a moderator, unless there has been one before; fewer where policies or detectors refuse more."""
    if not QueueItem.objects.exists():
        with suppress(Denied, Refused, BundleUnavailable):
            _write_all(cast, now)


def _write_all(cast: Cast, now: datetime) -> None:
    kim = make_person("kim", Role.BUYER, now=now).user
    sam = cast.people["sam"].user
    people = {"kim": kim, "sam": sam}
    began, later = now - timedelta(hours=3), now - timedelta(hours=1)
    order, _ = open_order(buyer=kim, product_id=offer(sam, "Garden bench", now=began).pk, now=began)
    for minutes, (name, text) in enumerate(SAID):
        at = began + timedelta(minutes=minutes)
        with suppress(Denied):
            send_message(author=people[name], chat_id=order.chat_id, text=text, now=at)
    for person in (kim, sam):
        confirm(actor=person, order_id=order.pk, now=later)
    with suppress(Denied):
        open_dispute(actor=kim, order_id=order.pk, text=DISPUTE, now=later)
    with suppress(Denied):
        review_product(buyer=kim, product_id=order.product_id, rating=1, text=REVIEW, now=later)
