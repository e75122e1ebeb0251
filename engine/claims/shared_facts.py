"""The facts that two versions of a policy read: one type that covers both, and which values each of them accepts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from engine.backends.smt.terms import Term
from engine.backends.smt.translate import Translator
from engine.backends.smt.values import Record, Scalar, Symbol
from engine.backends.smt.world import sort_of
from engine.expression.types import Type


def joined(one: Type, other: Type) -> Type | None:
    """A type of all values of both; None if a value cannot be of both."""
    if one.kind != other.kind or one.scale != other.scale:
        return None
    item = None
    if one.item is not None and other.item is not None:
        item = joined(one.item, other.item)
        if item is None:
            return None
    if [n for n, _ in one.fields] != [n for n, _ in other.fields]:
        return None
    fields = []
    for (name, mine), (_, theirs) in zip(one.fields, other.fields, strict=True):
        field = joined(mine, theirs)
        if field is None:
            return None
        fields.append((name, field))
    return replace(
        one,
        optional=one.optional or other.optional,
        members=tuple(dict.fromkeys([*one.members, *other.members])),
        item=item,
        fields=tuple(fields),
        max_length=max(one.max_length, other.max_length),
        max_items=max(one.max_items, other.max_items),
        minimum=None if one.minimum is None or other.minimum is None else min(one.minimum, other.minimum),
        maximum=None if one.maximum is None or other.maximum is None else max(one.maximum, other.maximum),
    )


def all_facts(old: Mapping[str, Type], new: Mapping[str, Type]) -> dict[str, Type] | None:
    """The facts of both; None if one is declared in two ways that exclude each other."""
    facts = {**old, **new}
    for name in old.keys() & new.keys():
        both = joined(old[name], new[name])
        if both is None:
            return None
        facts[name] = both
    return facts


def accepted(translator: Translator, value: Symbol, given: Type, declared: Type) -> Term:
    """Whether a value of a type is one of another, narrower type."""
    terms = translator.terms
    if given == declared:
        return terms.true
    conditions = list(_conditions(translator, value, given, declared))
    within = terms.and_(conditions)
    return (
        terms.or_([value.null, within]) if declared.optional else terms.and_([terms.not_(value.null), within])
    )


def _conditions(translator: Translator, value: Symbol, given: Type, declared: Type) -> Iterator[Term]:
    terms = translator.terms
    if isinstance(value, Record):
        for (name, inner), (_, wanted) in zip(given.fields, declared.fields, strict=True):
            yield accepted(translator, value.fields[name], inner, wanted)
        return
    if not isinstance(value, Scalar):
        assert given.item is not None and declared.item is not None
        inner, wanted = given.item, declared.item
        if declared.max_items < given.max_items:
            yield terms.le(translator.number(value), terms.integer(declared.max_items))
        yield terms.not_(
            translator.some(value, lambda item: terms.not_(accepted(translator, item, inner, wanted)))
        )
        return
    assert value.term is not None
    if declared.kind == "enum" and declared.members != given.members:
        yield terms.or_(terms.eq(value.term, terms.constant("text", m)) for m in declared.members)
    if declared.max_length < given.max_length:
        yield terms.le(terms.apply("size", "int", (value.term,)), terms.integer(declared.max_length))
    sort = sort_of(declared)
    if declared.minimum is not None:
        yield terms.le(terms.constant(sort, declared.minimum), value.term)
    if declared.maximum is not None:
        yield terms.le(value.term, terms.constant(sort, declared.maximum))
