"""Writing reviews of purchased products."""

from datetime import datetime

from decisions import Denied, Subject, decide
from decisions.inserting import insert
from engine import Decision
from marketplace.accounts.models import User
from marketplace.catalog.models import Product
from marketplace.catalog.queries import access_product
from marketplace.errors import Refused
from marketplace.guards import Guard
from marketplace.moderation.detection import Examined, examine
from marketplace.moderation.erasure import blank_rulings_in
from marketplace.moderation.models import Kind, QueueItem
from marketplace.moderation.services import moderate
from marketplace.moderation.thread import Thread
from marketplace.orders.models import ReviewGrant
from marketplace.reviews.facts import review_facts
from marketplace.reviews.models import Review
from marketplace.transactions import patiently, write

ONE_REVIEW = Guard(
    constraints=frozenset({"reviews_review_grant_id_key"}),
    columns=frozenset({"reviews_review.grant_id"}),
    code="already-reviewed",
    message="You have already reviewed this product.",
)


def review_product(*, buyer: User, product_id: int, rating: int, text: str, now: datetime) -> Review:
    """Raises Product.DoesNotExist, Refused, or Denied after the record of the refusal is committed."""
    product = access_product(product_id)
    examined = examine(text)
    return patiently(lambda: _create(examined, buyer, product, rating, now), guard=ONE_REVIEW)


def _create(examined: Examined, buyer: User, product: Product, rating: int, now: datetime) -> Review:
    with write():
        decision = _decide(buyer, product, now)
        if decision.permits:
            grant = _find_grant(buyer=buyer, product=product)
            thread = Thread("product", product.pk)
            moderated = moderate(
                examined,
                kind=Kind.REVIEW,
                mode="normal",
                author=buyer,
                thread=thread,
                now=now,
                place={"rating": rating},
            )
            if moderated.passes:
                review = Review(
                    grant=grant,
                    product=product,
                    buyer=buyer,
                    rating=rating,
                    text=examined.text,
                    created_at=now,
                    queue_item=moderated.item,
                )
                insert(review)
                return review
            decision = moderated.decision
    raise Denied(decision)


def deliver_review(
    *, buyer: User, product_id: int, rating: int, text: str, item: QueueItem | None, now: datetime
) -> bool:
    """Publishes a review that was blocked, if the policy still lets its author review. Call it in a transaction."""
    product = access_product(product_id)
    if not _decide(buyer, product, now).permits:
        return False
    Review.objects.create(
        grant=_find_grant(buyer=buyer, product=product),
        product=product,
        buyer=buyer,
        rating=rating,
        text=text,
        created_at=now,
        queue_item=item,
    )
    return True


def _decide(buyer: User, product: Product, now: datetime) -> Decision:
    facts = review_facts(buyer=buyer, product=product)
    subject = Subject(kind="product", id=product.pk, actor_id=buyer.pk)
    return decide("review_eligibility", facts, now=now, subject=subject, record=True, superset=True)


def _find_grant(*, buyer: User, product: Product) -> ReviewGrant:
    grant = ReviewGrant.objects.filter(product=product, buyer=buyer).first()
    if grant is None:
        raise Refused("no-grant", "Only a sale that both of you confirmed can be reviewed.")
    return grant


def blank_reviews(*, user_id: int) -> int:
    """For the erasure of an account: blanks the texts and keeps the ratings."""
    reviews = Review.objects.filter(buyer_id=user_id).exclude(text="").update(text="")
    return reviews + blank_rulings_in("product", Product.objects.filter(seller_id=user_id).values("pk"))
