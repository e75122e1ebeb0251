"""Reviews of a product, and whether the caller may write one."""

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from api.admission import Access
from api.contract.reviews import EligibilityBody, ReviewBody, ReviewRequest
from api.pages import list_page
from api.parsing import read_body
from api.views.base import ApiView
from marketplace.catalog.queries import access_product
from marketplace.orders.queries import review_eligibility
from marketplace.orders.services import review_product
from marketplace.reviews.queries import reviews_of


class ProductReviewsView(ApiView):
    access = Access.ANYONE

    def get(self, request: Request, product_id: int) -> Response:
        reviews = reviews_of(access_product(product_id))
        return Response(list_page(request, reviews, ReviewBody, newest_first=True))


class ReviewEligibilityView(ApiView):
    def get(self, request: Request, product_id: int) -> Response:
        decision = review_eligibility(user=self.caller, product_id=product_id, now=timezone.now())
        return Response(EligibilityBody.render_decision(decision.to_dict()))


class ReviewsView(ApiView):
    def post(self, request: Request) -> Response:
        written = read_body(request, ReviewRequest)
        review = review_product(buyer=self.caller, now=timezone.now(), **written.model_dump())
        return Response(ReviewBody.render(review), status=201)
