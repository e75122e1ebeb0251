"""System checks of the installation."""

from typing import Any, Final

from django.conf import settings
from django.core.checks import CheckMessage, Error

PER_PROCESS: Final = (
    "django.core.cache.backends.dummy.DummyCache",
    "django.core.cache.backends.locmem.LocMemCache",
)


def check_cache(**_: Any) -> list[CheckMessage]:
    """Several workers that count apart would let everybody do as much more as there are workers."""
    backend = settings.CACHES["default"]["BACKEND"]
    if backend not in PER_PROCESS or settings.COMITY_WORKERS == 1:
        return []
    return [
        Error(
            f"COMITY_WORKERS is not 1, and `{backend}` would count rates and logins in each worker apart.",
            hint="Name a Redis in COMITY_CACHE_URL, or leave it out to count in the database.",
            id="config.E001",
        )
    ]
