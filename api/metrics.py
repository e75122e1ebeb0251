"""What Prometheus is told about requests, and the page it reads."""

import hmac
import os
from typing import Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

from api.auth import read_bearer
from marketplace.disputes.retention.standing import RetentionCollector

_LABELS: Final = ("method", "route", "status")
REQUESTS: Final = Counter("comity_http_requests", "Requests answered.", _LABELS)
SECONDS: Final = Histogram("comity_http_request_seconds", "Time to answer a request.", _LABELS)
# Read from the database at each scrape, and so apart from what processes count.
_ASKED: Final = CollectorRegistry()
_ASKED.register(RetentionCollector())
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def observe_request(*, method: str, route: str, status: int, seconds: float) -> None:
    labels = (method if method in _METHODS else "other", route, str(status))
    REQUESTS.labels(*labels).inc()
    SECONDS.labels(*labels).observe(seconds)


def metrics(request: HttpRequest) -> HttpResponse:
    """For holders of COMITY_METRICS_TOKEN; without that setting, for callers on this machine but no proxy."""
    if not _may_read(request):
        raise Http404
    page = generate_latest(_registry()) + generate_latest(_ASKED)
    return HttpResponse(page, content_type=CONTENT_TYPE_LATEST)


def _may_read(request: HttpRequest) -> bool:
    expected = settings.COMITY_METRICS_TOKEN
    if expected:
        return hmac.compare_digest((read_bearer(request) or "").encode(), expected.encode())
    proxied = {"X-Forwarded-For", "Forwarded", "X-Real-Ip"} & set(request.headers)
    return request.META.get("REMOTE_ADDR") in {"127.0.0.1", "::1"} and not proxied


def _registry() -> CollectorRegistry:
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry
