"""How a lint rule says what it found, and where names were given."""

from __future__ import annotations

from dataclasses import replace

from documents.diagnostics import Diagnostic
from documents.nodes import Mapping, Node
from engine.policy.model import Policy


def warning(node: Node, code: str, message: str, hint: str) -> Diagnostic:
    return replace(node.diagnostic(code, message, hint), severity="warning")


def name_node(policy: Policy, section: str, name: str) -> Node:
    """Where a fact, parameter or condition got its name."""
    named = policy.node.get(section) if isinstance(policy.node, Mapping) else None
    entries = named.entries if isinstance(named, Mapping) else []
    return next((key for key, _ in entries if key.text == name), policy.node)
