"""The OpenAPI documents of the DRF views."""

from django.http import HttpResponse, JsonResponse
from rest_framework.request import Request
from rest_framework.response import Response

from api.admission import Access
from api.openapi.routes import assistant_document, marketplace_document
from api.views.assistant import AssistantView
from api.views.base import ApiView


class MarketplaceDocumentView(ApiView):
    access = Access.ANYONE
    described = False

    def get(self, request: Request) -> Response:
        return Response(marketplace_document())


class AssistantDocumentView(AssistantView):
    described = False

    def get(self, request: Request) -> HttpResponse:
        return JsonResponse(assistant_document())
