"""How a complete process reads its environment."""

import json
import os
import subprocess
import sys

import pytest
from django.db import connection

PRODUCTION = {
    "COMITY_SECRET_KEY": "a-key-with-more-than-five-different-characters-0123456789",
    "COMITY_ALLOWED_HOSTS": "shop.example",
    "COMITY_TRUSTED_PROXIES": "127.0.0.1",
    "COMITY_EMAIL_HOST": "mail.shop.example",
    "DATABASE_URL": "sqlite:///:memory:",
}


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {"PATH": os.environ["PATH"]}
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, env=kept | environment, capture_output=True, text=True, timeout=300)


def run(script: str, **environment: str) -> str:
    """The output of a script under production settings."""
    kept = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "config.settings", **PRODUCTION}
    command = [sys.executable, "-c", script]
    ran = subprocess.run(command, env=kept | environment, capture_output=True, text=True, timeout=300)
    return ran.stdout


@pytest.mark.full
def test_production_passes_djangos_own_deployment_check():
    """`make check`, which is part of `make test`, does the same."""
    checked = manage("check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.full  # tests/marketplace/demo does the same without a process
def test_demo_refuses_in_production():
    refused = manage("demo", **PRODUCTION)
    assert refused.returncode == 1
    assert "COMITY_DEBUG=true" in refused.stderr


@pytest.mark.parametrize(
    ("proxies", "believed"),
    [
        pytest.param("", False, marks=pytest.mark.full),
        pytest.param("10.0.0.0/8, unix", False, marks=pytest.mark.full),
        pytest.param("10.0.0.0/8, 127.0.0.1", True, marks=pytest.mark.full),
    ],
)
def test_https_is_believed_of_a_trusted_proxy_only(proxies: str, believed: bool):
    script = (
        "import django; django.setup();"
        "from django.test import RequestFactory; from api.forwarded import ForwardedMiddleware;"
        "request = RequestFactory(headers={'X-Forwarded-Proto': 'https'}).get('/');"
        "ForwardedMiddleware(lambda request: print(request.is_secure()))(request)"
    )
    assert run(script, COMITY_TRUSTED_PROXIES=proxies) == f"{believed}\n"


def test_static_files_are_served_without_a_step_before():
    script = (
        "import django; django.setup();"
        "from django.test import Client; ask = Client(headers={'Host': 'shop.example'}).get;"
        "asked = [ask(f'/static/{name}', secure=True) for name in ('console/console.css', 'admin/css/base.css', 'no.css')];"
        "print([answer.status_code for answer in asked])"
    )
    assert run(script).splitlines()[-1] == "[200, 200, 404]"


def test_log_lines_are_json_from_structlog_and_logging_alike():
    script = (
        "import django, logging, structlog; django.setup();"
        "structlog.get_logger('a').warning('first', answer=42);"
        "logging.getLogger('b').warning('second')"
    )
    lines = [json.loads(line) for line in run(script).splitlines()]
    assert [(line["event"], line["level"], line["logger"]) for line in lines] == [
        ("first", "warning", "a"),
        ("second", "warning", "b"),
    ]
    assert lines[0]["answer"] == 42


@pytest.mark.django_db
def test_connection_runs_as_configured():
    if connection.vendor == "postgresql":
        query, expected = "SHOW lock_timeout", "3s"
    else:
        query, expected = "PRAGMA journal_mode", "wal"
    with connection.cursor() as cursor:
        cursor.execute(query)
        assert cursor.fetchone() == (expected,)
