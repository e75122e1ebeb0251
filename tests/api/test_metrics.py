"""The /metrics endpoint and its access control."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY

from decisions import bundles
from tests.api.callers import Caller

pytestmark = pytest.mark.django_db
ORDER = "api/v1/orders/<int:order_id>"


def count_of(method: str, route: str, status: str) -> float:
    labels = {"method": method, "route": route, "status": status}
    return REGISTRY.get_sample_value("comity_http_requests_total", labels) or 0.0


def test_requests_are_counted_by_route_not_by_path(buyer: Caller) -> None:
    before = count_of("GET", ORDER, "404")
    buyer.get("/api/v1/orders/999998")
    buyer.get("/api/v1/orders/999999")

    assert count_of("GET", ORDER, "404") == before + 2
    metrics = buyer.get("/metrics").content.decode()
    labels = f'{{method="GET",route="{ORDER}",status="404"}}'
    assert f"comity_http_requests_total{labels} {before + 2}" in metrics
    assert f"comity_http_request_seconds_count{labels} {before + 2}" in metrics


def test_made_up_methods_and_paths_make_no_new_series(anonymous: Caller) -> None:
    before = count_of("other", "^api(?:/|$)", "404")
    for method in ("BREW", "WHEN"):
        anonymous.client.generic(method, f"/api/{method}")

    assert count_of("other", "^api(?:/|$)", "404") == before + 2


@pytest.mark.parametrize(
    ("remote", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("203.0.113.7", {}, 404),
        ("127.0.0.1", {"X-Forwarded-For": "203.0.113.7"}, 404),
        ("127.0.0.1", {"Forwarded": "for=203.0.113.7"}, 404),
        ("127.0.0.1", {"X-Real-Ip": "203.0.113.7"}, 404),
    ],
)
def test_without_a_token_only_this_machine_reads(
    remote: str, headers: dict[str, str], status: int, anonymous: Caller
) -> None:
    assert anonymous.client.get("/metrics", headers=headers, REMOTE_ADDR=remote).status_code == status


@pytest.mark.parametrize(
    ("written", "status"),
    [("Bearer let-me-read", 200), ("Bearer wrong", 404), ("Basic let-me-read", 404), ("Bearer ünïcödé", 404)],
)
def test_with_a_token_its_holder_reads_from_anywhere(
    written: str, status: int, anonymous: Caller, settings: Any
) -> None:
    settings.COMITY_METRICS_TOKEN = "let-me-read"

    response = anonymous.client.get(
        "/metrics", headers={"Authorization": written, "X-Forwarded-For": "203.0.113.7"}
    )

    assert response.status_code == status
    assert anonymous.get("/metrics").status_code == 404


def test_several_processes_are_read_from_their_shared_folder(
    anonymous: Caller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))

    response = anonymous.get("/metrics")

    assert response.status_code == 200
    assert {
        line.split()[2] for line in response.content.decode().splitlines() if line.startswith("# TYPE")
    } == {
        "comity_bundle_info",
        "comity_retention_overdue_files",
        "comity_moderation_drift",
        "comity_moderation_drift_alarm",
    }


def test_gauges_of_dead_workers_are_forgotten_and_their_counters_kept(
    anonymous: Caller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with subprocess.Popen(["true"]) as ended:
        pass
    for pid in (ended.pid, os.getpid()):
        for kind in ("gauge_livemax", "counter"):
            (tmp_path / f"{kind}_{pid}.db").write_bytes(bytes(16))
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))

    anonymous.get("/metrics")

    assert {file.name for file in tmp_path.iterdir()} == {
        f"counter_{ended.pid}.db",
        f"counter_{os.getpid()}.db",
        f"gauge_livemax_{os.getpid()}.db",
    }


def test_bundle_in_force_is_named(anonymous: Caller) -> None:
    bundle = bundles.in_force()

    metrics = anonymous.get("/metrics").content.decode()

    assert f'\ncomity_bundle_info{{digest="{bundle.digest}"}} 1.0\n' in metrics
