"""Settings of a project that installs `decisions`. Each has a default, and each error names its setting.

COMITY_POLICIES_DIR is the policy folder, by default `policies` in BASE_DIR. COMITY_ENGINE is the backend, by default
`compiler`.
"""

from os import PathLike
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from engine.backends.backend import Backend
from engine.backends.registry import BackendUnavailable, backend


def policies_dir() -> Path:
    """Raises ImproperlyConfigured."""
    folder = getattr(settings, "COMITY_POLICIES_DIR", None)
    if folder is None:
        base = getattr(settings, "BASE_DIR", None)
        if base is None:
            raise ImproperlyConfigured(
                "COMITY_POLICIES_DIR is not set: set it to the policy folder, "
                "or set BASE_DIR, whose folder `policies` is the default"
            )
        return Path(base) / "policies"
    if not isinstance(folder, str | PathLike) or not str(folder):
        raise ImproperlyConfigured(
            f"COMITY_POLICIES_DIR should be the path of a folder, such as BASE_DIR / 'policies', but is {folder!r}"
        )
    return Path(folder)


def check_time_zones() -> None:
    """Raises ImproperlyConfigured."""
    if not settings.USE_TZ:
        raise ImproperlyConfigured("USE_TZ should be True: decisions are recorded with a time zone")


def engine() -> Backend:
    """Raises ImproperlyConfigured."""
    name = getattr(settings, "COMITY_ENGINE", "compiler")
    if not isinstance(name, str):
        raise ImproperlyConfigured(f"COMITY_ENGINE should be the name of a backend, but is {name!r}")
    try:
        return backend(name)
    except BackendUnavailable as error:
        raise ImproperlyConfigured(f"COMITY_ENGINE: {error}") from None
