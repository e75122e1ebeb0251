"""The backends by name. The compiler is the default; an installation selects another one with COMITY_ENGINE."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from engine.backends.backend import Backend
from engine.backends.python.compiler import compile_policy

VARIABLE = "COMITY_ENGINE"
"""The environment variable that selects the backend of an installation."""


class BackendUnavailable(Exception):
    """There is no backend of that name, or a package that it needs is missing; the message says which, and what to do."""


def _durable() -> Backend:
    try:
        from engine.backends.durable.program import compile_policy
    except ImportError as error:
        needs = "the extra `durable`, which can be installed on Python 3.11 and 3.12"
        raise BackendUnavailable(f"the engine `durable` needs {needs}: {error}") from None
    return compile_policy


def _reference() -> Backend:
    from engine.backends.reference import compile_policy

    return compile_policy


BACKENDS: Mapping[str, Callable[[], Backend]] = {
    "compiler": lambda: compile_policy,
    "durable": _durable,
    "reference": _reference,
}


def backend(name: str) -> Backend:
    """Return the backend `name`. Raises BackendUnavailable."""
    if name not in BACKENDS:
        *names, last = (f"`{known}`" for known in BACKENDS)
        raise BackendUnavailable(f"unknown engine `{name}`: it is {', '.join(names)} or {last}")
    return BACKENDS[name]()


def chosen_backend() -> Backend:
    """The backend that COMITY_ENGINE names, for callers without their own settings. Raises BackendUnavailable."""
    try:
        return backend(os.environ.get(VARIABLE) or "compiler")
    except BackendUnavailable as error:
        raise BackendUnavailable(f"{VARIABLE}: {error}") from None
