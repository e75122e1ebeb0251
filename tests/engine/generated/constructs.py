"""Which constructs of the language's second edition a policy uses, so that tests can require that each was generated."""

from collections.abc import Iterator

from engine.expression import typed as t
from engine.expression.types import Type
from engine.policy.validated import ValidatedPolicy

CONSTRUCTS = frozenset(
    {
        "set", "set per row", "default", "values", "table.row", "record", "bounds", "decimal", "status: conflict",
        "status: forbidden", "hit: unique", "*", "divide", "round", "sum", "min of two", "max of two", "min of a list",
        "max of a list",
    }
)  # fmt: skip


def constructs_of(validated: ValidatedPolicy) -> set[str]:
    found = set(_declared(validated))
    for tree in validated.trees():
        found.update(*map(_expressed, tree.walk()))
    return found


def _declared(validated: ValidatedPolicy) -> Iterator[str]:
    policy = validated.policy
    types = [part for fact in policy.facts.values() for part in _parts(fact.type)]
    if any(type_.minimum is not None or type_.maximum is not None for type_ in types):
        yield "bounds"
    yield from (type_.kind for type_ in types if type_.kind == "decimal")
    if any(fact.type.kind == "record" for fact in policy.facts.values()):
        yield "record"
    if policy.values:
        yield "values"
    if policy.hit == "unique":
        yield "hit: unique"
    if any(output.default is not None for output in policy.outputs.values()):
        yield "default"
    for rule in validated.rules:
        if rule.sets:
            yield "set per row" if rule.rule.for_each else "set"
    yield from (f"status: {rule.status}" for rule in (*policy.rules, policy.otherwise) if rule.status)


def _parts(type_: Type) -> Iterator[Type]:
    yield type_
    for part in (*(field for _, field in type_.fields), *((type_.item,) if type_.item else ())):
        yield from _parts(part)


def _expressed(node: t.Typed) -> Iterator[str]:
    match node:
        case t.Row():
            yield "table.row"
        case t.Product():
            yield "*"
        case t.Apply(function=("min" | "max") as name, args=args):
            yield f"{name} of {'two' if len(args) == 2 else 'a list'}"
        case t.Apply(function="round", args=(number, *_)) if number.span != node.span:
            yield "round"  # not the padding of a decimal that is compared with one of more places
        case t.Apply(function=("divide" | "sum") as name):
            yield name
