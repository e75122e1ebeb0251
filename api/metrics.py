"""Prometheus metrics of requests, and the /metrics endpoint.

With several workers, `manage.py serve` sets PROMETHEUS_MULTIPROC_DIR; workers count in files there, and whichever worker is
scraped reads them all. Counters and histograms are summed. Gauges set by each worker need a `multiprocess_mode` that starts
with `live`. Values shared by all workers, such as those from the database, belong into a collector in `COLLECTORS`, which the
scraped worker evaluates.
"""

import hmac
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
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
from prometheus_client.core import InfoMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from api.auth import read_bearer
from decisions import bundles
from marketplace.disputes.retention.standing import RetentionCollector
from marketplace.tuning.weeks import DriftCollector

_LABELS: Final = ("method", "route", "status")
REQUESTS: Final = Counter("comity_http_requests", "Requests answered.", _LABELS)
SECONDS: Final = Histogram("comity_http_request_seconds", "Time to answer a request.", _LABELS)
_FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def observe_request(*, method: str, route: str, status: int, seconds: float) -> None:
    labels = (method if method in _METHODS else "other", route, str(status))
    REQUESTS.labels(*labels).inc()
    SECONDS.labels(*labels).observe(seconds)


def metrics(request: HttpRequest) -> HttpResponse:
    """Open to holders of COMITY_METRICS_TOKEN; if that is not set, to callers on this machine that are not a proxy."""
    if not _may_read(request):
        raise Http404
    exposition = generate_latest(_registry()) + generate_latest(_READ)
    return HttpResponse(exposition, content_type=CONTENT_TYPE_LATEST)


def _may_read(request: HttpRequest) -> bool:
    expected = settings.COMITY_METRICS_TOKEN
    if expected:
        return hmac.compare_digest((read_bearer(request) or "").encode(), expected.encode())
    proxied = {"X-Forwarded-For", "Forwarded", "X-Real-Ip"} & set(request.headers)
    return request.META.get("REMOTE_ADDR") in {"127.0.0.1", "::1"} and not proxied


def _registry() -> CollectorRegistry:
    if _FOLDER not in os.environ:
        return REGISTRY
    _forget_dead_workers(Path(os.environ[_FOLDER]))
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry


def _forget_dead_workers(folder: Path) -> None:
    """Keeps the counters of dead workers, and drops their gauges."""
    for pid in {int(file.stem.rpartition("_")[2]) for file in folder.glob("gauge_live*.db")}:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            with suppress(FileNotFoundError):  # another worker is being scraped at the same time
                mark_process_dead(pid)  # type: ignore[no-untyped-call]


class BundleCollector(Collector):
    def collect(self) -> Iterator[Metric]:
        bundle = InfoMetricFamily("comity_bundle", "The bundle in force.")
        if digest := bundles.status().digest:
            bundle.add_metric([], {"digest": digest})
        yield bundle

    def describe(self) -> list[Metric]:
        """Prevents a read at registration."""
        return []


COLLECTORS: Final = (BundleCollector(), RetentionCollector(), DriftCollector())
# Evaluated at each scrape, so kept apart from what processes count: other readers of REGISTRY need no database.
_READ: Final = CollectorRegistry()
for collector in COLLECTORS:
    _READ.register(collector)
