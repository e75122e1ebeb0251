"""The OpenAPI document of the DRF surface."""

from rest_framework.request import Request
from rest_framework.response import Response

from api.admission import Access
from api.openapi.document import build_document
from api.views.base import ApiView


class OpenApiView(ApiView):
    access = Access.ANYONE
    described = False

    def get(self, request: Request) -> Response:
        return Response(build_document())
