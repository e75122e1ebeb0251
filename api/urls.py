"""The API's routes. No trailing slashes; anything else below /api is a 404 problem."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path, re_path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from api.health import healthz, readyz
from api.metrics import metrics
from api.problem_docs import show_all, show_one
from api.problems import method_not_allowed
from api.routers.assistant import assistant_api
from api.routers.policies import policy_api
from api.routers.surface import READING
from api.views.accounts import CurrentTokenView, TokensView
from api.views.appeals import (
    AppealsView,
    DecisionAppealView,
    MonthView,
    OwnAppealsView,
    ReportAppealView,
    ReportsView,
    RuleView,
)
from api.views.assistant import ROUTES as ASSISTANT_ROUTES
from api.views.catalog import ProductsView, ProductView
from api.views.chats import MessagesView
from api.views.decisions import DecisionView, SaleDecisionsView, StatementView
from api.views.disputes import (
    CloseView,
    DisputeMessagesView,
    DisputesView,
    DisputeView,
    HoldsView,
    HoldView,
    ReopenView,
)
from api.views.media import DisputeMediaView, MediaContentView, MediaView
from api.views.moderation import (
    ClaimView,
    PreviewView,
    QueueView,
    ReadTextView,
    ReleaseView,
    ResolveView,
)
from api.views.openapi import AssistantDocumentView, MarketplaceDocumentView
from api.views.orders import ConfirmationsView, OrdersView, OrderView, OwnConfirmationView
from api.views.reviews import ProductReviewsView, ReviewEligibilityView, ReviewsView


def read_only(view: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Refuse other methods before a CSRF token is required."""

    @csrf_exempt
    def guarded(request: HttpRequest) -> HttpResponse:
        if request.method not in READING:
            raise method_not_allowed(READING)
        return view(request)

    return guarded


@csrf_exempt
def unknown_path(request: HttpRequest) -> HttpResponse:
    raise Http404


# Grouped, so that a request compares its path with a few patterns before its own.
marketplace = [
    path("openapi.json", MarketplaceDocumentView.as_view()),
    path("products", ProductsView.as_view()),
    path("products/<int:product_id>", ProductView.as_view()),
    path("products/<int:product_id>/review-eligibility", ReviewEligibilityView.as_view()),
    path("products/<int:product_id>/reviews", ProductReviewsView.as_view()),
    path("orders", OrdersView.as_view()),
    path("orders/<int:order_id>", OrderView.as_view()),
    path("orders/<int:order_id>/confirmations", ConfirmationsView.as_view()),
    path("orders/<int:order_id>/confirmations/mine", OwnConfirmationView.as_view()),
    path("chats/<int:chat_id>/messages", MessagesView.as_view()),
    path("reviews", ReviewsView.as_view()),
    path("moderation/preview", PreviewView.as_view()),
    path("moderation/queue", QueueView.as_view()),
    path("moderation/queue/<int:item_id>/claim", ClaimView.as_view()),
    path("moderation/queue/<int:item_id>/release", ReleaseView.as_view()),
    path("moderation/queue/<int:item_id>/resolve", ResolveView.as_view()),
    path("moderation/texts/<int:text_id>", ReadTextView.as_view()),
    path("moderation/appeals", AppealsView.as_view()),
    path("moderation/appeals/<int:appeal_id>/resolve", RuleView.as_view()),
    path("moderation/statistics", MonthView.as_view()),
    path("reports", ReportsView.as_view()),
    path("reports/<int:report_id>/appeal", ReportAppealView.as_view()),
    path("appeals", OwnAppealsView.as_view()),
    path("disputes", DisputesView.as_view()),
    path("disputes/<int:dispute_id>", DisputeView.as_view()),
    path("disputes/<int:dispute_id>/messages", DisputeMessagesView.as_view()),
    path("disputes/<int:dispute_id>/close", CloseView.as_view()),
    path("disputes/<int:dispute_id>/reopen", ReopenView.as_view()),
    path("disputes/<int:dispute_id>/holds", HoldsView.as_view()),
    path("disputes/<int:dispute_id>/media", DisputeMediaView.as_view()),
    path("orders/<int:order_id>/decisions", SaleDecisionsView.as_view()),
    path("decisions/<int:decision_id>", DecisionView.as_view()),
    path("decisions/<int:decision_id>/statement", StatementView.as_view()),
    path("decisions/<int:decision_id>/appeal", DecisionAppealView.as_view()),
    path("holds/<int:hold_id>", HoldView.as_view()),
    path("media/<int:media_id>", MediaView.as_view()),
    path("media/<int:media_id>/content", MediaContentView.as_view()),
]

urlpatterns = [
    path("problems", require_safe(show_all), name="problems"),
    path("problems/<str:code>", require_safe(show_one), name="problem"),
    path("healthz", read_only(healthz)),
    path("readyz", read_only(readyz)),
    path("metrics", read_only(metrics)),
    path("api/auth/tokens", TokensView.as_view()),
    path("api/auth/tokens/current", CurrentTokenView.as_view()),
    path("api/v1/", include(marketplace)),
    path("assistant/", include(ASSISTANT_ROUTES)),
    path("assistant/openapi.json", AssistantDocumentView.as_view()),
    path("assistant/ninja/", unknown_path),  # or Ninja serves its own root
    path("assistant/ninja/", assistant_api.urls),
    re_path(r"^assistant(?:/|$)", unknown_path),
    path("api/", unknown_path),  # or Ninja serves its own root
    path("api/", policy_api.urls),
    re_path(r"^api(?:/|$)", unknown_path),
]
