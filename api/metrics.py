"""What Prometheus is told about requests, and the page it reads.

Several workers count in files of a folder that `manage.py serve` names in PROMETHEUS_MULTIPROC_DIR; whichever is asked reads
all of them. Counters and histograms are summed. A gauge that each worker sets says how they are put together (a
`multiprocess_mode` that begins with `live`); what is the same for all, such as what the database knows, is a collector of
`COLLECTORS`, which the worker that is asked reads.
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
    """For holders of COMITY_METRICS_TOKEN; without that setting, for callers on this machine but no proxy."""
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
    """What they counted stays; what their gauges said is no longer so."""
    for pid in {int(file.stem.rpartition("_")[2]) for file in folder.glob("gauge_live*.db")}:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            with suppress(FileNotFoundError):  # another worker is asked at the same time
                mark_process_dead(pid)  # type: ignore[no-untyped-call]


class BundleCollector(Collector):
    def collect(self) -> Iterator[Metric]:
        bundle = InfoMetricFamily("comity_bundle", "The bundle in force.")
        if digest := bundles.status().digest:
            bundle.add_metric([], {"digest": digest})
        yield bundle

    def describe(self) -> list[Metric]:
        """Says that nothing is to be read only to be registered."""
        return []


COLLECTORS: Final = (BundleCollector(), RetentionCollector())
# Read at each scrape, and so apart from what processes count: other readers of REGISTRY need no database.
_READ: Final = CollectorRegistry()
for collector in COLLECTORS:
    _READ.register(collector)
