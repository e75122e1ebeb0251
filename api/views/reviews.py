"""Reviews of a product, and whether the caller may write one."""

from typing import Any

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from api.admission import Access
from api.contract.moderation import ModerationBody
from api.contract.reviews import EligibilityBody, ReviewBody, ReviewRequest
from api.pagination import NEWEST_FIRST, list_page
from api.parsing import read_body
from api.views.base import ApiView
from marketplace.accounts.models import User
from marketplace.catalog.queries import access_product
from marketplace.moderation.queries import moderation_status
from marketplace.reviews.models import Review
from marketplace.reviews.queries import review_eligibility, reviews_of
from marketplace.reviews.services import review_product


class ProductReviewsView(ApiView):
    access = Access.ANYONE

    def get(self, request: Request, product_id: int) -> Response:
        reader = self.caller_if_any
        reviews = reviews_of(access_product(product_id), reader=reader)
        return Response(
            list_page(
                request,
                reviews,
                lambda reviews: [_render(review, reader) for review in reviews],
                order=NEWEST_FIRST,
            )
        )


class ReviewEligibilityView(ApiView):
    def get(self, request: Request, product_id: int) -> Response:
        decision = review_eligibility(user=self.caller, product_id=product_id, now=timezone.now())
        return Response(EligibilityBody.render_decision(decision.to_dict()))


class ReviewsView(ApiView):
    def post(self, request: Request) -> Response:
        written = read_body(request, ReviewRequest)
        review = review_product(buyer=self.caller, now=timezone.now(), **written.model_dump())
        return Response(_render(review, self.caller), status=201)


def _render(review: Review, reader: User | None) -> dict[str, Any]:
    status = moderation_status(review.queue_item, own=reader is not None and review.buyer_id == reader.pk)
    return ReviewBody(
        id=review.pk,
        product_id=review.product_id,
        buyer_id=review.buyer_id,
        rating=review.rating,
        text=review.text,
        created_at=review.created_at,
        moderation=ModerationBody.of(status),
    ).model_dump(mode="json")
