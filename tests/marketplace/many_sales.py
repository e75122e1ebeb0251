"""Sales, reviews and disputes in every state and at every boundary, for the lists that follow a policy."""

import random
from datetime import datetime, timedelta

from marketplace.accounts.models import Role, User
from marketplace.catalog.models import Product
from marketplace.chats.models import Chat
from marketplace.disputes.models import Dispute, Media
from marketplace.orders.models import Order, ReviewGrant
from marketplace.reviews.models import Review
from tests.marketplace.factories import NOW

TICK = timedelta(microseconds=1)
DAYS_90 = timedelta(days=90)
WEEK = timedelta(days=7)
BATCH = 500


def make_people(buyers: int) -> tuple[list[User], list[User]]:
    """Sellers and buyers."""
    people = [User(username=f"seller-{n}", role=Role.SELLER) for n in range(3)]
    people += [User(username=f"buyer-{n}", role=Role.BUYER) for n in range(buyers)]
    made = User.objects.bulk_create(people)
    return made[:3], made[3:]


def make_sales(number: int, draw: random.Random) -> list[Order]:
    """Each buyer orders each product once. Some sales are complete, some reviewed, some chats locked."""
    buyers = max(4, round((number / 8) ** 0.5))
    sellers, people = make_people(buyers)
    products = Product.objects.bulk_create(
        Product(seller=draw.choice(sellers), name=f"Desk {n}", single_sale=False, created_at=NOW)
        for n in range(-(-number // buyers))
    )
    pairs = [(product, buyer) for product in products for buyer in people][:number]
    chats = Chat.objects.bulk_create(
        (Chat(product=product, buyer=buyer, seller=product.seller) for product, buyer in pairs), BATCH
    )
    orders = Order.objects.bulk_create(
        [_order(product, buyer, chat, draw) for (product, buyer), chat in zip(pairs, chats, strict=True)],
        BATCH,
    )
    complete = [order for order in orders if order.status == "completed"]
    # By id: PostgreSQL plans a join by what it knew about the tables before they had rows.
    for start in range(0, len(complete), BATCH):
        locked = [order.chat_id for order in complete[start : start + BATCH]]
        Chat.objects.filter(pk__in=locked).update(locked_at=NOW, locked_seq=0)
    grants = ReviewGrant.objects.bulk_create(
        (ReviewGrant(product=order.product, buyer=order.buyer, granted_at=NOW) for order in complete), BATCH
    )
    Review.objects.bulk_create(
        [
            Review(grant=grant, product=grant.product, buyer=grant.buyer, rating=5, text="", created_at=NOW)
            for grant in grants
            if draw.random() < 0.4
        ],
        BATCH,
    )
    return orders


def _order(product: Product, buyer: User, chat: Chat, draw: random.Random) -> Order:
    seller_at, buyer_at = draw.choice([(NOW, NOW), (NOW, NOW), (NOW, None), (None, NOW), (None, None)])
    done = seller_at and buyer_at
    return Order(
        product=product,
        buyer=buyer,
        seller=product.seller,
        chat=chat,
        single_sale=False,
        status="completed" if done else "pending",
        seller_confirmed_at=seller_at,
        buyer_confirmed_at=buyer_at,
        completed_at=done,
        created_at=NOW - timedelta(days=draw.randint(0, 400)),
    )


def make_disputes(sales: list[Order], draw: random.Random, *, at: datetime) -> None:
    """One or two about each completed sale, in every state that the constraints allow."""
    about = [sale for sale in sales if sale.status == "completed"]
    while about:
        made = Dispute.objects.bulk_create(
            (Dispute(order=sale, opened_by=sale.buyer, opened_at=NOW) for sale in about), BATCH
        )
        media = Media.objects.bulk_create((_media(dispute) for dispute in made if draw.random() < 0.8), BATCH)
        Media.objects.filter(pk__in=[each.pk for each in media if draw.random() < 0.8]).update(state="live")
        closed = [dispute for dispute in made if draw.random() < 0.8]
        for dispute in closed:
            _close(dispute, draw, at)
        Dispute.objects.bulk_update(
            closed, ["status", "closed_at", "retain_until", "standing_holds", "hold_released_at"], BATCH
        )
        purged = [d for d in closed if d.standing_holds == 0 and d.retain_until <= at and draw.random() < 0.1]
        Dispute.objects.filter(pk__in=[dispute.pk for dispute in purged]).update(purge_started_at=at)
        open_ones = {dispute.pk for dispute in made} - {dispute.pk for dispute in closed}
        reopened = [dispute for dispute in made if dispute.pk in open_ones and draw.random() < 0.3]
        Dispute.objects.filter(pk__in=[dispute.pk for dispute in reopened]).update(
            status="closed", closed_at=at, retain_until=at
        )
        Dispute.objects.filter(pk__in=[dispute.pk for dispute in reopened]).update(
            status="reopened", closed_at=None, retain_until=None
        )
        about = [dispute.order for dispute in closed if draw.random() < 0.4]


def _media(dispute: Dispute) -> Media:
    return Media(
        dispute=dispute,
        uploader=dispute.opened_by,
        place=1,
        key=f"e/{dispute.pk}",
        kind="pdf",
        size=1,
        sha256="0" * 64,
        created_at=NOW,
    )


def _close(dispute: Dispute, draw: random.Random, at: datetime) -> None:
    ages = [DAYS_90, DAYS_90 + TICK, DAYS_90 - TICK, 2 * DAYS_90, WEEK]
    dispute.status = "closed"
    dispute.closed_at = at - draw.choice(ages)
    stamps = [dispute.closed_at + DAYS_90, at, at + TICK, at - TICK]
    dispute.retain_until = draw.choice(stamps)
    dispute.standing_holds = draw.choice([0, 0, 0, 0, 1, 2])
    dispute.hold_released_at = draw.choice([None, None, None, at - WEEK, at - WEEK + TICK, at])
