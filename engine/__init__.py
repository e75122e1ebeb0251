"""Comity's rules engine: facts in, decision out. Pure Python, without Django, except the backend `django_q`.

Four verbs and four types: load -> Policy, validate -> ValidatedPolicy, compile -> CompiledPolicy, decide -> Decision.
"""

from documents.diagnostics import Diagnostic
from engine.bundle import (
    Bundle,
    Loaded,
    PolicyNotInForce,
    UnknownPolicy,
    load_bundle,
    load_files,
    load_sources,
)
from engine.decision import Decision, FactError
from engine.explain.budget import Budget

__all__ = [
    "Budget",
    "Bundle",
    "Decision",
    "Diagnostic",
    "FactError",
    "Loaded",
    "PolicyNotInForce",
    "UnknownPolicy",
    "load_bundle",
    "load_files",
    "load_sources",
]
