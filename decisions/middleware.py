"""Pins one bundle for the whole request, and names it and the recorded decisions in the response."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from decisions import bundles
from decisions.recorded import HEADER, collecting, recorded_header


class BundleMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            bundle = bundles.in_force()
        except bundles.BundleUnavailable:
            return self.get_response(request)  # reads work without a bundle; a decision raises
        with bundles.pinned(bundle), collecting():
            response = self.get_response(request)
            recorded = recorded_header()
        # A replayed response has its own headers.
        response.headers.setdefault("Comity-Bundle", bundle.digest)
        if recorded:
            response.headers.setdefault(HEADER, recorded)
        return response
