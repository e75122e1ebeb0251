"""Settings that would go wrong in silence are told by `check --deploy`."""

from typing import Any

import pytest

from config.checks import check_installation
from tests.config.test_settings import PRODUCTION, manage


@pytest.fixture(autouse=True)
def production(settings: Any) -> Any:
    settings.ALLOWED_HOSTS = ["shop.example", ".shop.example", "10.0.0.1", "localhost"]
    settings.CSRF_TRUSTED_ORIGINS = ["https://shop.example", "https://*.shop.example"]
    settings.SESSION_COOKIE_SECURE = settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.COMITY_SENDS_EMAIL, settings.EMAIL_HOST = True, "mail.shop.example"
    settings.EMAIL_USE_TLS, settings.EMAIL_USE_SSL = True, False
    settings.COMITY_METRICS_TOKEN = ""
    return settings


def found() -> list[str]:
    return [str(message.id) for message in check_installation()]


def test_good_installation_is_told_nothing() -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("ALLOWED_HOSTS", ["*"], ["comity.W001"]),
        ("ALLOWED_HOSTS", ["shop.example", ".com"], ["comity.W001"]),
        ("CSRF_TRUSTED_ORIGINS", ["https://*.com", "https://*"], ["comity.W002", "comity.W002"]),
        ("CSRF_TRUSTED_ORIGINS", ["http://shop.example"], ["comity.W003"]),
        ("SECURE_PROXY_SSL_HEADER", None, ["comity.W004"]),
        ("COMITY_SENDS_EMAIL", False, ["comity.W005"]),
        ("EMAIL_USE_TLS", False, ["comity.W006"]),
        ("STORAGES", {"evidence": {"OPTIONS": {"endpoint_url": "http://s3.example"}}}, ["comity.W007"]),
        ("STORAGES", {"evidence": {"OPTIONS": {"endpoint_url": "http://127.0.0.1:9000"}}}, []),
        ("COMITY_METRICS_TOKEN", "secret", ["comity.W008"]),
        ("COMITY_METRICS_TOKEN", "s" * 20, []),
    ],
)
def test_each_is_told(name: str, value: Any, told: list[str], production: Any) -> None:
    setattr(production, name, value)
    assert found() == told


def test_granian_may_end_tls_itself(production: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    production.SECURE_PROXY_SSL_HEADER = None
    monkeypatch.setenv("GRANIAN_SSL_CERTIFICATE", "/run/secrets/shop.pem")
    assert found() == []


def test_installation_without_https_is_told_by_django(production: Any) -> None:
    """Whoever says COMITY_HTTPS=false is told four times already."""
    production.SESSION_COOKIE_SECURE = production.SECURE_SSL_REDIRECT = False
    production.SECURE_PROXY_SSL_HEADER = None
    production.CSRF_TRUSTED_ORIGINS = ["http://shop.example"]
    assert found() == []


def test_environment_that_is_not_for_production_fails_the_deployment_check() -> None:
    wrong = {
        "COMITY_ALLOWED_HOSTS": "*",
        "COMITY_SECRET_KEY": "short",
        "COMITY_SECRET_KEY_FALLBACKS": "shorter",
        "COMITY_DEBUG": "true",
    }
    checked = manage("check", "--deploy", "--fail-level", "WARNING", **{**PRODUCTION, **wrong})
    assert checked.returncode == 1
    for told in ("comity.W001", "security.W009", "security.W025", "security.W018"):
        assert told in checked.stderr
    assert "shorter" not in checked.stderr
