"""The interface of backends, and the error that they raise for what they do not support."""

from __future__ import annotations

from typing import Protocol

from documents.diagnostics import Diagnostic
from engine.compiled import CompiledPolicy
from engine.policy.validated import ValidatedPolicy


class Backend(Protocol):
    """Compile a policy so that it decides exactly as the reference evaluator does.

    INVARIANT: a backend rejects what it cannot express; it never omits anything.
    """

    def __call__(self, validated: ValidatedPolicy, /) -> CompiledPolicy:
        """Raises NotExpressible."""


class NotExpressible(Exception):
    """A backend cannot express a policy. `diagnostics` locate every part that it cannot express."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        super().__init__("\n".join(d.render() for d in diagnostics))
        self.diagnostics = diagnostics
