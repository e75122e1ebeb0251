"""Granting and writing reviews."""

from collections.abc import Sequence
from datetime import datetime

from decisions import Denied, Subject, decide
from detectors.signal import Findings
from marketplace.accounts.models import User
from marketplace.catalog.models import Product
from marketplace.errors import Refused
from marketplace.guards import Guard, attempt_twice
from marketplace.moderation.detection import examine
from marketplace.moderation.models import Kind
from marketplace.moderation.services import moderate
from marketplace.moderation.thread import Thread
from marketplace.reviews.facts import Confirmation, review_facts
from marketplace.reviews.models import Review, ReviewGrant
from marketplace.transactions import write

ONE_REVIEW = Guard(
    constraints=frozenset({"reviews_review_grant_id_key"}),
    columns=frozenset({"reviews_review.grant_id"}),
    code="already-reviewed",
    message="You have already reviewed this product.",
)


def grant_review(*, product_id: int, buyer_id: int, now: datetime) -> ReviewGrant:
    """Belongs into the transaction that completes the order."""
    return ReviewGrant.objects.create(product_id=product_id, buyer_id=buyer_id, granted_at=now)


def create_review(
    *,
    buyer: User,
    product: Product,
    confirmations: Sequence[Confirmation],
    rating: int,
    text: str,
    now: datetime,
) -> Review:
    """Raises Denied after the refusal's record is committed. The confirmations were read before the
    transaction: what the write rests on is the grant, which only a completed order gives."""
    findings = examine(text)
    return attempt_twice(
        lambda: _create(findings, buyer, product, confirmations, rating, text, now), ONE_REVIEW
    )


def _create(
    findings: Findings,
    buyer: User,
    product: Product,
    confirmations: Sequence[Confirmation],
    rating: int,
    text: str,
    now: datetime,
) -> Review:
    with write():
        facts = review_facts(buyer=buyer, product=product, confirmations=confirmations)
        subject = Subject(kind="product", id=product.pk, actor_id=buyer.pk)
        decision = decide("review_eligibility", facts, now=now, subject=subject, record=True, superset=True)
        if decision.permits:
            grant = _find_grant(buyer=buyer, product=product)
            thread = Thread("product", product.pk)
            moderated = moderate(
                findings, kind=Kind.REVIEW, mode="normal", author=buyer, thread=thread, now=now
            )
            if moderated.passes:
                return Review.objects.create(
                    grant=grant,
                    product=product,
                    buyer=buyer,
                    rating=rating,
                    text=text,
                    created_at=now,
                    queue_item=moderated.item,
                )
            decision = moderated.decision
    raise Denied(decision)


def _find_grant(*, buyer: User, product: Product) -> ReviewGrant:
    grant = ReviewGrant.objects.filter(product=product, buyer=buyer).first()
    if grant is None:
        raise Refused("no-grant", "Only a sale that both of you confirmed can be reviewed.")
    return grant


def blank_reviews(*, user_id: int) -> int:
    """For the erasure of an account: the rating stays."""
    return Review.objects.filter(buyer_id=user_id).exclude(text="").update(text="")
