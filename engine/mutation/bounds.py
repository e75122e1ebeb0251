"""Mutants of fact bounds: each `min` and `max` shifted by one unit."""

from __future__ import annotations

from collections.abc import Iterator

from documents.nodes import Mapping, Node, Scalar
from engine.expression.types import Type
from engine.mutation.mutant import Mutant
from engine.mutation.parameters import scalar_mutants
from engine.policy.model import Policy


def bound_mutants(policy: Policy) -> Iterator[Mutant]:
    for fact in policy.facts.values():
        yield from _of(fact.node, fact.type)


def _of(node: Node | None, type_: Type | None) -> Iterator[Mutant]:
    if not isinstance(node, Mapping) or type_ is None:
        return
    if type_.kind == "record":
        declared = node.get("record")
        fields = declared if isinstance(declared, Mapping) and declared.get("type") is None else node
        for name, field in type_.fields:
            yield from _of(fields.get(name), field)
    elif type_.kind == "list":
        yield from _of(node.get("list"), type_.item)
    else:
        for key, bound in (("min", type_.minimum), ("max", type_.maximum)):
            written = node.get(key)
            if bound is not None and isinstance(written, Scalar):
                yield from scalar_mutants(written, type_)
