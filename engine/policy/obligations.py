"""Check that the host can carry out the obligations of a policy."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from documents.diagnostics import Diagnostic, did_you_mean
from documents.nodes import Mapping, Node, Scalar, Sequence
from engine.policy.model import Policy


def not_carried_out(policy: Policy, carried_out: Collection[str]) -> Iterator[Diagnostic]:
    """The obligations that a policy declares, or uses without declaring any, and that the host does not support."""
    rules = [policy.otherwise.node, *(rule.node for rule in policy.rules)]
    for part in [policy.node] if _get(policy.node) is not None else rules:
        node = _get(part)
        for item in node.items if isinstance(node, Sequence) else ():
            if isinstance(item, Scalar) and item.text not in carried_out:
                message = f"the obligation `{item.text}` is not one that is carried out here"
                yield item.diagnostic("unknown-obligation", message, did_you_mean(item.text, carried_out))


def _get(node: Node) -> Node | None:
    return node.get("obligations") if isinstance(node, Mapping) else None
