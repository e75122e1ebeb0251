"""The backends by name. The compiler is the default; an installation chooses another one by COMITY_ENGINE."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from engine.backends import reference
from engine.backends.backend import Backend
from engine.backends.python.compiler import compile_policy

VARIABLE = "COMITY_ENGINE"
"""The environment variable that names the backend of an installation."""


class BackendUnavailable(Exception):
    """No backend has the name, or what it needs is not installed; the text says which and what to do."""


def _durable() -> Backend:
    try:
        from engine.backends.durable.program import compile_policy
    except ImportError as error:
        needs = "the extra `durable`, which can be installed on Python 3.11 and 3.12"
        raise BackendUnavailable(f"the engine `durable` needs {needs}: {error}") from None
    return compile_policy


BACKENDS: Mapping[str, Callable[[], Backend]] = {
    "compiler": lambda: compile_policy,
    "durable": _durable,
    "reference": lambda: reference.compile_policy,
}


def backend(name: str) -> Backend:
    """The backend `name`. Raises BackendUnavailable."""
    if name not in BACKENDS:
        *names, last = (f"`{known}`" for known in BACKENDS)
        raise BackendUnavailable(f"unknown engine `{name}`: it is {', '.join(names)} or {last}")
    return BACKENDS[name]()


def chosen_backend() -> Backend:
    """That of COMITY_ENGINE, for what has no settings of its own. Raises BackendUnavailable."""
    try:
        return backend(os.environ.get(VARIABLE) or "compiler")
    except BackendUnavailable as error:
        raise BackendUnavailable(f"{VARIABLE}: {error}") from None
