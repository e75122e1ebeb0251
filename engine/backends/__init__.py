"""What validated policies can be compiled to. The compiler is what decides; another target is asked for by name."""

from __future__ import annotations

import os
from collections.abc import Callable

from documents.diagnostics import Diagnostic
from engine.backends.python.compiler import compile_policy
from engine.compiled import CompiledPolicy
from engine.policy.validated import ValidatedPolicy

Compile = Callable[[ValidatedPolicy], CompiledPolicy]

NAMES = ("compiler", "durable")
VARIABLE = "COMITY_ENGINE"
"""The environment variable that names the target of an installation."""


class TargetUnavailable(Exception):
    """No target has the name, or what it needs is not installed; the text says which and what to do."""


class NotExpressible(Exception):
    """A target cannot mean what a policy says. `diagnostics` tell every place."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        super().__init__("\n".join(d.render() for d in diagnostics))
        self.diagnostics = diagnostics


def target(name: str) -> Compile:
    """The function that compiles for the target `name`. Raises TargetUnavailable."""
    if name == "compiler":
        return compile_policy
    if name != "durable":
        known = " or ".join(f"`{n}`" for n in NAMES)
        raise TargetUnavailable(f"unknown engine `{name}`: it is {known}")
    try:
        from engine.backends.durable import program as durable
    except ImportError as error:
        needs = "the extra `durable`, which can be installed on Python 3.11 and 3.12"
        raise TargetUnavailable(f"the engine `durable` needs {needs}: {error}") from None
    return durable.compile_policy


def chosen_target() -> Compile:
    """That of COMITY_ENGINE, for what has no settings of its own. Raises TargetUnavailable."""
    try:
        return target(os.environ.get(VARIABLE) or "compiler")
    except TargetUnavailable as error:
        raise TargetUnavailable(f"{VARIABLE}: {error}") from None
