"""The measured endpoints as one would write them by hand in Django Ninja and in DRF: the same tables, the rules in Python, and no
policies, records, idempotency keys, rate limits, metrics and log lines.
"""

from typing import Any

from django.db import transaction
from django.db.models import F
from django.http import HttpRequest
from django.urls import path
from django.utils import timezone
from ninja import NinjaAPI, Schema
from ninja.security import HttpBearer
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from marketplace.accounts.models import Token, User
from marketplace.accounts.tokens import digest_token, seal_of
from marketplace.catalog.models import Product
from marketplace.chats.models import Chat, Message
from marketplace.moderation.detection import examine
from marketplace.orders.models import Order, ReviewGrant
from marketplace.reviews.models import Review

BLOCKED = 0.5
"""The score from which a text is refused."""


class Refused(Exception):
    pass


def user_of(token: str) -> User | None:
    found = Token.objects.select_related("user").filter(digest=digest_token(token), revoked_at=None).first()
    return found.user if found and found.user.is_active and found.seal == seal_of(found.user) else None


def eligible(facts: dict[str, Any]) -> dict[str, Any]:
    buyer, seller = facts["buyer_id"], facts["seller_id"]
    parties = {"seller": (seller, buyer), "buyer": (buyer, seller)}
    sides, sides_of_this = set(), set()
    for sold in facts["confirmations"]:
        if (sold["by"], sold["counterparty"]) == parties[sold["party"]]:
            sides.add(sold["party"])
            if sold["product_id"] == facts["product_id"]:
                sides_of_this.add(sold["party"])
    if buyer == seller:
        return {"outcome": "deny", "rule": "own-product"}
    if facts["already_reviewed"]:
        return {"outcome": "deny", "rule": "already-reviewed"}
    if len(sides_of_this) == 2:
        return {"outcome": "allow", "rule": "pair-complete"}
    if "seller" not in sides:
        return {"outcome": "deny", "rule": "seller-must-confirm"}
    if "buyer" not in sides:
        return {"outcome": "deny", "rule": "buyer-must-confirm"}
    return {"outcome": "deny", "rule": "other-product"}


def eligibility(user: User, product_id: int) -> dict[str, Any]:
    product = Product.objects.get(pk=product_id)
    confirmations = []
    for order in Order.objects.filter(buyer=user, seller=product.seller_id):
        for party, by, other, at in (
            ("seller", order.seller_id, order.buyer_id, order.seller_confirmed_at),
            ("buyer", order.buyer_id, order.seller_id, order.buyer_confirmed_at),
        ):
            if at is not None:
                item = {"party": party, "by": by, "counterparty": other, "product_id": order.product_id}
                confirmations.append(item)
    facts = {"buyer_id": user.pk, "seller_id": product.seller_id, "product_id": product.pk}
    reviewed = Review.objects.filter(product=product, buyer=user).exists()
    return eligible({**facts, "already_reviewed": reviewed, "confirmations": confirmations})


def check_text(text: str) -> None:
    if any(s.score >= BLOCKED and not s.reported and not s.quoted for s in examine(text).findings.signals):
        raise Refused("the text is not allowed")


def send(user: User, chat_id: int, text: str) -> dict[str, Any]:
    check_text(text)
    now = timezone.now()
    with transaction.atomic():
        chat = Chat.objects.select_for_update().get(pk=chat_id)
        if user.pk not in (chat.buyer_id, chat.seller_id) or chat.locked_at is not None:
            raise Refused("this chat is not yours, or locked")
        Chat.objects.filter(pk=chat_id).update(last_seq=F("last_seq") + 1)
        message = Message.objects.create(
            chat=chat, seq=chat.last_seq + 1, author=user, text=text, sent_at=now
        )
    return {"id": message.pk, "seq": message.seq, "author_id": user.pk, "text": text, "sent_at": now}


def write_review(user: User, product_id: int, rating: int, text: str) -> dict[str, Any]:
    check_text(text)
    now = timezone.now()
    with transaction.atomic():
        if eligibility(user, product_id)["outcome"] != "allow":
            raise Refused("this may not be reviewed")
        grant = ReviewGrant.objects.get(product=product_id, buyer=user)
        review = Review.objects.create(
            grant=grant, product_id=product_id, buyer=user, rating=rating, text=text, created_at=now
        )
    return {"id": review.pk, "product_id": product_id, "rating": rating, "text": text, "created_at": now}


# Django Ninja


class Bearer(HttpBearer):
    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        return user_of(token)


class ConfirmationIn(Schema):
    party: str
    by: str
    counterparty: str
    product_id: str


class FactsIn(Schema):
    buyer_id: str
    seller_id: str
    product_id: str
    already_reviewed: bool
    confirmations: list[ConfirmationIn]


class DecideIn(Schema):
    facts: FactsIn


class TextIn(Schema):
    text: str


class ReviewIn(Schema):
    product_id: int
    rating: int
    text: str


api = NinjaAPI(auth=Bearer(), docs_url=None, openapi_url=None)


@api.post("/api/policies/review_eligibility/decide")
def decide_in_ninja(request: HttpRequest, asked: DecideIn) -> Any:
    return eligible(asked.facts.model_dump())


@api.get("/api/v1/products/{product_id}/review-eligibility")
def eligibility_in_ninja(request: HttpRequest, product_id: int) -> Any:
    return eligibility(request.auth, product_id)  # type: ignore[attr-defined]


@api.post("/api/v1/chats/{chat_id}/messages", response={201: Any})
def send_in_ninja(request: HttpRequest, chat_id: int, sent: TextIn) -> Any:
    return 201, send(request.auth, chat_id, sent.text)  # type: ignore[attr-defined]


@api.post("/api/v1/reviews", response={201: Any})
def review_in_ninja(request: HttpRequest, written: ReviewIn) -> Any:
    return 201, write_review(request.auth, **written.model_dump())  # type: ignore[attr-defined]


# DRF


class TokenAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[User, None] | None:
        user = user_of(request.headers.get("Authorization", "").removeprefix("Bearer "))
        return None if user is None else (user, None)


class ConfirmationSerializer(serializers.Serializer):  # type: ignore[type-arg]
    party = serializers.CharField()
    by = serializers.CharField()
    counterparty = serializers.CharField()
    product_id = serializers.CharField()


class FactsSerializer(serializers.Serializer):  # type: ignore[type-arg]
    buyer_id = serializers.CharField()
    seller_id = serializers.CharField()
    product_id = serializers.CharField()
    already_reviewed = serializers.BooleanField()
    confirmations = ConfirmationSerializer(many=True)


class DecideSerializer(serializers.Serializer):  # type: ignore[type-arg]
    facts = FactsSerializer()


class TextSerializer(serializers.Serializer):  # type: ignore[type-arg]
    text = serializers.CharField()


class ReviewSerializer(TextSerializer):
    product_id = serializers.IntegerField()
    rating = serializers.IntegerField()


class View(APIView):
    authentication_classes = (TokenAuthentication,)
    permission_classes = (IsAuthenticated,)

    @property
    def user(self) -> User:
        user = self.request.user
        assert isinstance(user, User)
        return user

    def read(self, form: type[serializers.Serializer]) -> Any:  # type: ignore[type-arg]
        given = form(data=self.request.data)
        given.is_valid(raise_exception=True)
        return given.validated_data


class DecideView(View):
    def post(self, request: Request) -> Response:
        return Response(eligible(self.read(DecideSerializer)["facts"]))


class EligibilityView(View):
    def get(self, request: Request, product_id: int) -> Response:
        return Response(eligibility(self.user, product_id))


class MessagesView(View):
    def post(self, request: Request, chat_id: int) -> Response:
        return Response(send(self.user, chat_id, self.read(TextSerializer)["text"]), 201)


class ReviewsView(View):
    def post(self, request: Request) -> Response:
        return Response(write_review(self.user, **self.read(ReviewSerializer)), 201)


urlpatterns = [
    path("ninja/", api.urls),
    path("drf/api/policies/review_eligibility/decide", DecideView.as_view()),
    path("drf/api/v1/products/<int:product_id>/review-eligibility", EligibilityView.as_view()),
    path("drf/api/v1/chats/<int:chat_id>/messages", MessagesView.as_view()),
    path("drf/api/v1/reviews", ReviewsView.as_view()),
]
