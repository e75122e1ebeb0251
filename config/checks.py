"""System checks of the installation, in addition to Django's; `check --deploy` runs all of them."""

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
PER_PROCESS: Final = (
    "django.core.cache.backends.dummy.DummyCache",
    "django.core.cache.backends.locmem.LocMemCache",
)


@register(Tags.caches)
def check_cache(**_: Any) -> list[CheckMessage]:
    """Several workers that count separately would multiply the allowed rates."""
    backend = settings.CACHES["default"]["BACKEND"]
    if backend not in PER_PROCESS or settings.COMITY_WORKERS == 1:
        return []
    return [
        Error(
            f"COMITY_WORKERS is not 1, and `{backend}` would count rates and logins separately in each worker.",
            hint="Set COMITY_CACHE_URL to a Redis, or unset it to count in the database.",
            id="comity.E001",
        )
    ]


@register(Tags.security, deploy=True)
def check_installation(**_: Any) -> list[CheckMessage]:
    checks = (_hosts, _origins, _redirects, _mail, _evidence, _metrics)
    return [message for check in checks for message in check()]


def _hosts() -> Iterator[CheckMessage]:
    for host in settings.ALLOWED_HOSTS:
        if _is_everybody(host):
            yield Warning(
                f"COMITY_ALLOWED_HOSTS includes `{host}`, which matches names that are not yours",
                hint="list the hosts of this installation: links in mails use the requested host",
                id="comity.W001",
            )


def _origins() -> Iterator[CheckMessage]:
    for origin in settings.CSRF_TRUSTED_ORIGINS:
        split = urlsplit(origin)
        if _is_everybody(split.hostname or ""):
            yield Warning(
                f"COMITY_CSRF_TRUSTED_ORIGINS trusts `{origin}`, which matches sites that are not yours",
                hint="list the origins of this installation",
                id="comity.W002",
            )
        elif split.scheme != "https" and settings.SESSION_COOKIE_SECURE:
            yield Warning(
                f"COMITY_CSRF_TRUSTED_ORIGINS trusts `{origin}`, which anybody on the network path can change",
                hint="write https://",
                id="comity.W003",
            )


def _redirects() -> Iterator[CheckMessage]:
    if settings.SECURE_SSL_REDIRECT and not settings.COMITY_TRUSTED_PROXIES:
        yield Warning(
            "every request is redirected to https forever: no trusted proxy can report that it came by https",
            hint="add the proxy to COMITY_TRUSTED_PROXIES",
            id="comity.W004",
        )


def _mail() -> Iterator[CheckMessage]:
    if not settings.COMITY_SENDS_EMAIL:
        yield Warning(
            "nobody can reset a forgotten password by mail",
            hint="set COMITY_EMAIL_HOST to a mail server; until then use `manage.py person password NAME`",
            id="comity.W005",
        )
    elif settings.EMAIL_HOST not in LOOPBACK and not (settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL):
        yield Warning(
            "password reset links go to the mail server unencrypted",
            hint="set COMITY_EMAIL_SECURITY to starttls or tls",
            id="comity.W006",
        )


def _evidence() -> Iterator[CheckMessage]:
    options: dict[str, Any] = settings.STORAGES.get("evidence", {}).get("OPTIONS", {})
    split = urlsplit(options.get("endpoint_url") or "")
    if split.scheme == "http" and split.hostname not in LOOPBACK:
        yield Warning(
            "evidence goes to COMITY_S3_ENDPOINT_URL unencrypted",
            hint="write https://",
            id="comity.W007",
        )


def _metrics() -> Iterator[CheckMessage]:
    token = settings.COMITY_METRICS_TOKEN
    if token and len(token) < 20:
        yield Warning(
            "COMITY_METRICS_TOKEN can be guessed",
            hint="use at least 20 random characters, or unset it: then /metrics is available only on this machine",
            id="comity.W008",
        )


def _is_everybody(host: str) -> bool:
    """`*`, `.com` and `*.com`: without the wildcard, what remains is not a domain of one's own."""
    stands_for_many = host.startswith(("*", "."))
    return stands_for_many and "." not in host.lstrip("*").strip(".")
