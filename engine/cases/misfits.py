"""Report facts that do not fit a policy where the case writes them, with a hint that may quote them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from documents.diagnostics import Diagnostic
from documents.nodes import Mapping, Node, Scalar, Sequence
from engine.cases.case import Case
from engine.decision import FactError
from engine.expression.quantity import no_such_moment
from engine.expression.types import Type
from engine.policy.model import Policy
from engine.policy.value_reader import value_hint


def causes(errors: Iterable[FactError]) -> list[FactError]:
    """The errors, without a missing fact whose name is misspelled: the error for the misspelling already suggests it."""
    errors = _paired(errors)
    unknown = [e for e in errors if e.code == "unknown"]
    meant = {
        f"{e.path.rpartition('.')[0]}|{m[1]}"
        for e in unknown
        if (m := re.search("did you mean `([^`]+)`", e.message))
    }
    return [e for e in errors if e.code != "missing" or "|".join(e.path.rpartition(".")[::2]) not in meant]


def _paired(errors: Iterable[FactError]) -> list[FactError]:
    """The errors; where a record lacks one field and has one too many, the latter suggests the former."""
    errors = list(errors)
    for place in {_record_of(e) for e in errors}:
        missing, unknown = (
            [e for e in errors if e.code == code and _record_of(e) == place]
            for code in ("missing", "unknown")
        )
        if place and len(missing) == len(unknown) == 1:
            name = missing[0].path.rpartition(".")[2]
            message = f"{unknown[0].message.partition('; ')[0]}; did you mean `{name}`?"
            errors[errors.index(unknown[0])] = unknown[0]._replace(message=message)
    return errors


def _record_of(error: FactError) -> str:
    return error.path.rpartition(".")[0]


def misfit(case: Case, error: FactError, policy: Policy) -> Diagnostic:
    """A diagnostic at the fact that does not fit; for a missing fact, at the place where it belongs."""
    message, _, hint = error.message.partition("; ")
    node = _node_at(case, error.path, error.code)
    written = node.source.text[node.start : node.end] if node is not None else ""
    if error.code == "missing":
        return _missing(case, error, message, node)
    declared = policy.facts.get(re.split(r"[.\[]", error.path)[0])
    type_ = _type_at(declared.type, error.path) if declared else None
    if error.code == "unknown" and error.path in policy.parameters:
        hint = f"it is a parameter: give it under `with: {{{error.path}: …}}`"
    elif error.code == "unknown" and error.path in policy.named:
        kind = "condition" if error.path in policy.conditions else "value"
        hint = f"it is a {kind}, which the policy computes: give the facts that it reads"
    elif error.code == "unknown" and error.path in policy.outputs:
        hint = f"it is an output: expect it under `outputs: {{{error.path}: …}}`"
    elif error.code == "null":
        empty = type_ is not None and type_.item is not None
        hint = "give it a value, or let its type in the policy end in `?`"
        hint = "write `[]` if it has no items" if empty else hint
    elif error.code == "out-of-bounds":
        hint = "keep to the bounds, or expect the rule `on-error`"
    elif error.code == "mistyped" and node is not None and type_ is not None and type_.item is not None:
        hint = f"write `[{written}]`" if "\n" not in written else "begin each item with `- `"
        if written.strip("'\"").lower() in ("none", "no", "nothing", "empty", "-", "n/a"):
            hint = "write `[]` if it has no items"
    elif error.code == "mistyped" and type_ is not None and type_.kind == "record":
        hint = f"write `{{{', '.join(f'{name}: …' for name, _ in type_.fields)}}}`"
    elif isinstance(node, Scalar) and type_ is not None and error.code in _REREAD:
        hint = value_hint(node, type_) or hint
        missing = no_such_moment(node.text) if type_.kind == "timestamp" else None
        message = missing[0] if missing else message
    return (node or case.node).diagnostic(f"{error.code}-fact", message, hint or None)


_REREAD = ("mistyped", "bad-timestamp", "bad-duration", "bad-decimal")
"""Elsewhere, messages about facts never repeat a value, which may be private. The owner of a case can see the values, so hints
may use them."""


def _missing(case: Case, error: FactError, message: str, node: Node | None) -> Diagnostic:
    """Report a missing fact at `given`, so that cases sharing it report it once, unless the case removes the fact with
    `without`."""
    field = error.path.rpartition(".")[2]
    if node is not None:
        return node.diagnostic(
            "missing-fact", message, f"add `{field}: …` to it, or expect the rule `on-error`"
        )
    if error.path in case.left_out:
        hint = f"expect the rule `on-error`, or leave `{field}` in"
        return case.left_out[error.path].diagnostic("missing-fact", message, hint)
    given = case.given_node
    if given is not None:
        hint = f"add `{field}: …` below it, or to each case; or expect the rule `on-error`"
        return given.diagnostic("missing-fact", message, hint)
    hint = "give it under `given` or `facts`, or expect the rule `on-error`"
    return case.node.diagnostic("missing-fact", message, hint)


def _type_at(type_: Type, path: str) -> Type | None:
    """The type of a part of a fact, such as `parcels[2].weight`."""
    current: Type | None = type_
    for field in re.findall(r"\[[0-9]+\]|\.[^.\[]+", path):
        current = (
            (current.item if field[0] == "[" else current.field(field[1:])) if current is not None else None
        )
    return current


def _node_at(case: Case, path: str, code: str) -> Node | None:
    """The node of a path such as `parcels[2].weight`; for a missing fact, the node in which it belongs."""
    steps = re.findall(r"[^.\[\]]+", path)
    key, node = case.fact_nodes.get(steps[0] if steps else "", (None, None))
    if len(steps) == 1 and code == "unknown":
        return key
    for step in steps[1:]:
        inner: Node | None = None
        if code == "unknown" and step == steps[-1] and isinstance(node, Mapping):
            return next((key for key, _ in node.entries if key.text == step), node)
        if isinstance(node, Sequence) and step.isdigit() and int(step) < len(node.items):
            inner = node.items[int(step)]
        elif isinstance(node, Mapping):
            inner = node.get(step)
        if inner is None:
            break
        node = inner
    return node
