"""Holds one bundle for the whole of a request and names it in the answer."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from decisions import bundles


class BundleMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            bundle = bundles.in_force()
        except bundles.BundleUnavailable:
            return self.get_response(request)  # reads go on; whatever needs a decision says so itself
        with bundles.pinned(bundle):
            response = self.get_response(request)
        response.headers.setdefault(
            "Comity-Bundle", bundle.digest
        )  # an answer that is sent again has its own
        return response
