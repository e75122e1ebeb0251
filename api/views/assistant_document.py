"""The OpenAPI document of what the DRF views of the assistant serve."""

from collections.abc import Iterator
from typing import Any, Final

from django.http import HttpResponse, JsonResponse
from rest_framework.request import Request

from api.contract.assistant_document import write_document
from api.contract.assistant_operations import OPERATIONS, Operation
from api.views.assistant import ROUTES, AssistantView

PREFIX: Final = "/assistant"
METHODS: Final = ("GET", "POST", "PATCH", "DELETE")


def drf_document() -> dict[str, Any]:
    return write_document(_served(), prefix=PREFIX, title="Comity assistant API")


def _served() -> Iterator[Operation]:
    """What the views have methods for. Raises KeyError for one that the contract does not know."""
    known = {(operation.method, operation.path): operation for operation in OPERATIONS}
    for route in ROUTES:
        path = "/" + str(route.pattern).replace("<int:", "{").replace(">", "}")
        view: Any = route.callback
        for method in METHODS:
            if hasattr(view.view_class, method.lower()):
                yield known[method, path]


class DocumentView(AssistantView):
    def get(self, request: Request) -> HttpResponse:
        return JsonResponse(drf_document())
