"""The assistant's DRF surface is announced as deprecated only with proof; otherwise the service does not start."""

import json
import os
import subprocess
import sys
from contextlib import nullcontext
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.handlers.wsgi import WSGIHandler

from api.deprecation import DeprecationMiddleware, deprecation
from api.parity.comparing import Compared
from api.parity.report import write_report
from tests.api.callers import Caller
from tests.marketplace.factories import NOW

ROOT = Path(__file__).parents[2]


@pytest.fixture
def report(tmp_path: Path, settings: Any) -> Path:
    path = tmp_path / "report.json"
    write_report(path, Compared(2_200, {200: 2_200}, []), corpus=200, generated=2_000, seed=0, now=NOW)
    settings.ASSISTANT_PARITY_REPORT = path
    settings.ASSISTANT_SUNSET = date(2027, 6, 1)
    return path


def test_nothing_is_deprecated_unless_a_setting_says_so():
    assert deprecation() is None
    headers = set(Caller().get("/assistant/session").headers)
    assert headers.isdisjoint({"Deprecation", "Sunset", "Link"})


def test_drf_answers_say_it_with_proof_and_the_others_do_not(report):
    headers = Caller().get("/assistant/conversations/7").headers
    assert headers["Deprecation"] == f"@{int(NOW.timestamp())}"
    assert headers["Sunset"] == "Tue, 01 Jun 2027 00:00:00 GMT"
    assert headers["Link"] == '</assistant/ninja/conversations/7>; rel="successor-version"'
    for path in ("/assistant/ninja/session", "/assistant/demo", "/healthz", "/api/v1/nothing"):
        assert "Deprecation" not in Caller().get(path).headers


@pytest.mark.parametrize(
    ("path", "link"),
    [
        ("x%0d%0aSet-Cookie:%20a=b", "x%0D%0ASet-Cookie%3A%20a%3Db"),
        ("x%3E;%20rel=%22evil%22", "x%3E%3B%20rel%3D%22evil%22"),
        ("%E2%82%AC", "%E2%82%AC"),
    ],
)
def test_path_adds_no_header(report, path, link):
    response = Caller().get(f"/assistant/{path}")
    assert response.status_code == 404
    assert response["Link"] == f'</assistant/ninja/{link}>; rel="successor-version"'
    assert "Set-Cookie" not in response.headers


def change(path: Path, **members: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | members))


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ({"differences": 1}, "differences in the report .*: 1"),
        ({"requests": 1_999}, "covers 1,999 requests, and 2,000 are required"),
        ({"contracts": {"drf": "sha256:0", "ninja": "sha256:0"}}, "is for a different contract"),
        ({"contracts": {}}, "is for a different contract"),
        ({"made_at": "2027-06-01T00:00:00Z"}, "is earlier than the report"),
        ({"version": "1"}, "it is not a report of"),
    ],
)
def test_report_that_proves_nothing_stops_the_start(report, members, why):
    change(report, **members)
    with pytest.raises(ImproperlyConfigured, match=why):
        DeprecationMiddleware(lambda request: None)


def test_report_that_is_missing_stops_the_start(report):
    report.unlink()
    with pytest.raises(ImproperlyConfigured, match="it cannot be read"):
        DeprecationMiddleware(lambda request: None)


@pytest.mark.parametrize("name", ["ASSISTANT_PARITY_REPORT", "ASSISTANT_SUNSET"])
def test_half_a_setting_stops_the_start(report, settings, name):
    setattr(settings, name, None)
    with pytest.raises(ImproperlyConfigured, match="belong together"):
        DeprecationMiddleware(lambda request: None)


@pytest.mark.parametrize("proven", [True, False])
def test_application_starts_with_proof_only(report, proven):
    if not proven:
        change(report, differences=3)
    with nullcontext() if proven else pytest.raises(ImproperlyConfigured, match=r"report\.json.*: 3"):
        WSGIHandler()


@pytest.mark.full
@pytest.mark.parametrize("proven", [True, False])
def test_service_itself_starts_with_proof_only(report, tmp_path, proven):
    if not proven:
        change(report, differences=3)
    environment = os.environ | {
        "COMITY_DEBUG": "true",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'comity.sqlite3'}",
        "COMITY_ASSISTANT_PARITY_REPORT": str(report),
        "COMITY_ASSISTANT_SUNSET": "2027-06-01",
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", "import config.wsgi"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert (done.returncode == 0) is proven
    assert ("report.json: 3" in done.stderr) is not proven
