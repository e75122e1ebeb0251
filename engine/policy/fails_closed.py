"""INVARIANT: the most permissive outcome is never given unconditionally, on errors, or because a rule was forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from documents.diagnostics import Diagnostic, and_more
from documents.nodes import Mapping, Node
from engine.expression import typed as t
from engine.policy.model import Otherwise, Policy, Rule


def check_fails_closed(policy: Policy) -> Iterator[Diagnostic]:
    """What gives the most permissive outcome where no condition was met."""
    otherwise = policy.otherwise
    if len(policy.outcomes) < 2:
        return
    first = policy.outcomes[0]
    on_error = policy.on_error == first
    unsaid = otherwise.then == first and otherwise.permit_because is None
    parts: list[Rule | Otherwise] = [*policy.rules, otherwise]
    refusals = [part for part in parts if part.then == first and part.status]
    is_first = f"`{first}`, which is first in `outcomes` and so the most permissive"
    turned = f"if `{first}` is the strictest, write `outcomes: [{', '.join(reversed(policy.outcomes))}]`"
    if on_error + unsaid + len(refusals) > 1:
        givers = ["`on_error`"] * on_error + ["`otherwise`"] * unsaid
        givers += ["refusals with a `status`" if refusals[1:] else "a refusal with a `status`"] * bool(
            refusals
        )
        verb = "give" if givers[1:] or refusals[1:] else "gives"
        message = (
            f"`{first}` is first, so it is the most permissive outcome, yet {and_more(givers)} {verb} it"
        )
        hint = f"{turned.replace('outcomes: ', '')}: the most permissive comes first"
        yield _at(policy, "outcomes").diagnostic("fails-open", message, hint)
        return
    if on_error:
        hint = f"{turned}; otherwise write a more restrictive outcome here, such as `{policy.outcomes[-1]}`"
        yield _at(policy, "on_error").diagnostic("fails-open", f"`on_error` gives {is_first}", hint)
    if unsaid:
        hint = f"{turned}; otherwise give a more restrictive outcome, or say why in `permit_because`"
        yield otherwise.then_node.diagnostic("fails-open", f"`otherwise` gives {is_first}", hint)
    for part in refusals:
        node = part.node.get("status") if isinstance(part.node, Mapping) else None
        message = f"only a refusal has a status, and this gives {is_first}"
        yield (node or part.node).diagnostic(
            "needless-status", message, f"{turned}; otherwise delete `status`"
        )


def _at(policy: Policy, key: str) -> Node:
    node = policy.node
    return (node.get(key) if isinstance(node, Mapping) else None) or node


def is_always(tree: t.Typed | None) -> bool:
    """Whether a condition is always true, as far as its constants show."""
    match tree:
        case None | t.Const(value=True) | t.Not(operand=t.Const(value=False)):
            return True
        case t.And(operands=operands):
            return all(map(is_always, operands))
        case t.Or(operands=operands):
            return any(map(is_always, operands))
        case (
            t.Const()
            | t.FactRef()
            | t.ParameterRef()
            | t.ConditionRef()
            | t.Now()
            | t.Variable()
            | t.Field()
            | t.Row()
            | t.Not()
            | t.IsNull()
            | t.Compare()
            | t.In()
            | t.ListOf()
            | t.Sum()
            | t.Product()
            | t.IfElse()
            | t.Quantifier()
            | t.Apply()
        ):
            return False
        case _:
            assert_never(tree)
