"""The routes of the DRF views, for the documents of the marketplace and the assistant."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, Final

from django.urls import URLPattern, URLResolver, get_resolver

from api.openapi.document import write_document
from api.openapi.parts import DEPRECATION
from api.views.base import ApiView

Route = tuple[str, str, type[ApiView]]

METHODS: Final = ("GET", "POST", "PATCH", "DELETE")
_CAPTURED: Final = re.compile(r"<(?:\w+:)?(\w+)>")


@cache
def marketplace_document() -> dict[str, Any]:
    return _write("Comity marketplace API", "/api/")


@cache
def assistant_document() -> dict[str, Any]:
    return _write("Comity assistant API", "/assistant/", also=DEPRECATION)


def _write(title: str, below: str, *, also: Iterable[str] = ()) -> dict[str, Any]:
    served = [(method, path) for method, path, _ in routes() if path.startswith(below)]
    return write_document(title, served, also=also)


def routes() -> Iterator[Route]:
    """Method, path and view of each operation."""
    for path, view in _views(get_resolver()):
        if view.described:
            yield from ((method, path, view) for method in METHODS if hasattr(view, method.lower()))


def _views(resolver: URLResolver, prefix: str = "/") -> Iterator[tuple[str, type[ApiView]]]:
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            view = getattr(pattern.callback, "view_class", None)
            if isinstance(view, type) and issubclass(view, ApiView):
                yield _CAPTURED.sub(r"{\1}", route), view
        else:
            yield from _views(pattern, route)
