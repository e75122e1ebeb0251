"""`check --deploy` reports settings that would silently cause problems."""

from typing import Any

import pytest

from config.checks import check_installation
from tests.config.test_settings import PRODUCTION, manage


@pytest.fixture(autouse=True)
def production(settings: Any) -> Any:
    settings.ALLOWED_HOSTS = ["shop.example", ".shop.example", "10.0.0.1", "localhost"]
    settings.CSRF_TRUSTED_ORIGINS = ["https://shop.example", "https://*.shop.example"]
    settings.SESSION_COOKIE_SECURE = settings.SECURE_SSL_REDIRECT = True
    settings.COMITY_TRUSTED_PROXIES = ["127.0.0.1"]
    settings.COMITY_SENDS_EMAIL, settings.EMAIL_HOST = True, "mail.shop.example"
    settings.EMAIL_USE_TLS, settings.EMAIL_USE_SSL = True, False
    settings.COMITY_METRICS_TOKEN = ""
    return settings


def messages() -> list[str]:
    return [str(message.id) for message in check_installation()]


def test_good_installation_has_no_warnings() -> None:
    assert messages() == []


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("ALLOWED_HOSTS", ["*"], ["comity.W001"]),
        ("ALLOWED_HOSTS", ["shop.example", ".com"], ["comity.W001"]),
        ("CSRF_TRUSTED_ORIGINS", ["https://*.com", "https://*"], ["comity.W002", "comity.W002"]),
        ("CSRF_TRUSTED_ORIGINS", ["http://shop.example"], ["comity.W003"]),
        ("COMITY_TRUSTED_PROXIES", [], ["comity.W004"]),
        ("COMITY_SENDS_EMAIL", False, ["comity.W005"]),
        ("EMAIL_USE_TLS", False, ["comity.W006"]),
        ("STORAGES", {"evidence": {"OPTIONS": {"endpoint_url": "http://s3.example"}}}, ["comity.W007"]),
        ("STORAGES", {"evidence": {"OPTIONS": {"endpoint_url": "http://127.0.0.1:9000"}}}, []),
        ("COMITY_METRICS_TOKEN", "secret", ["comity.W008"]),
        ("COMITY_METRICS_TOKEN", "s" * 20, []),
    ],
)
def test_each_is_reported(name: str, value: Any, expected: list[str], production: Any) -> None:
    setattr(production, name, value)
    assert messages() == expected


def test_missing_https_is_reported_by_django(production: Any) -> None:
    """Django already reports COMITY_HTTPS=false four times."""
    production.SESSION_COOKIE_SECURE = production.SECURE_SSL_REDIRECT = False
    production.COMITY_TRUSTED_PROXIES = []
    production.CSRF_TRUSTED_ORIGINS = ["http://shop.example"]
    assert messages() == []


@pytest.mark.full  # `make check` runs the check on an environment that is for production
def test_environment_that_is_not_for_production_fails_the_deployment_check() -> None:
    wrong = {
        "COMITY_ALLOWED_HOSTS": "*",
        "COMITY_SECRET_KEY": "short",
        "COMITY_SECRET_KEY_FALLBACKS": "shorter",
        "COMITY_DEBUG": "true",
    }
    checked = manage("check", "--deploy", "--fail-level", "WARNING", **{**PRODUCTION, **wrong})
    assert checked.returncode == 1
    for expected in ("comity.W001", "security.W009", "security.W025", "security.W018"):
        assert expected in checked.stderr
    assert "shorter" not in checked.stderr
