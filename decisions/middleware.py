"""Pins one bundle for the whole request and names it in the response."""

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
            return self.get_response(request)  # reads work without a bundle; a decision raises
        with bundles.pinned(bundle):
            response = self.get_response(request)
        response.headers.setdefault("Comity-Bundle", bundle.digest)  # a replayed response has its own
        return response
