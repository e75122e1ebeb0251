"""What a backend is, and how it refuses."""

from __future__ import annotations

from typing import Protocol

from documents.diagnostics import Diagnostic
from engine.compiled import CompiledPolicy
from engine.policy.validated import ValidatedPolicy


class Backend(Protocol):
    """Makes a policy that decides exactly as the reference does.

    INVARIANT: a backend refuses what it cannot express; it never leaves anything out.
    """

    def __call__(self, validated: ValidatedPolicy, /) -> CompiledPolicy:
        """Raises NotExpressible."""


class NotExpressible(Exception):
    """A backend cannot express a policy. `diagnostics` name every part of it with file, line and column."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        super().__init__("\n".join(d.render() for d in diagnostics))
        self.diagnostics = diagnostics
