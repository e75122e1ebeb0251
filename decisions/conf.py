"""Settings of a project that installs `decisions`. Each has a default, and each error names its setting.

COMITY_POLICIES_DIR is the policy folder, by default `policies` in BASE_DIR. COMITY_ENGINE is the backend, by default
`compiler`. COMITY_POLICY_SOURCE is the path of a class that replaces the folder as the source of policies; it is optional.
COMITY_LOG_KEY is the file of the Ed25519 key that signs the log of decisions, COMITY_LOG_HEADS the file or URL
that its heads are sent to; both are optional.
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


def policy_source() -> str:
    """Empty for the folder."""
    return str(getattr(settings, "COMITY_POLICY_SOURCE", "") or "")


def log_key() -> Path | None:
    key = getattr(settings, "COMITY_LOG_KEY", None)
    return Path(key) if key else None


def log_heads() -> str:
    """A file, or an http(s) URL; empty if heads are not kept outside."""
    return str(getattr(settings, "COMITY_LOG_HEADS", "") or "")
