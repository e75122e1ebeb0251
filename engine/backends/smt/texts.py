"""Functions on texts: where the solver knows nothing about them, their results for the texts that are likely to matter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice, product

from engine.backends.smt.terms import Term
from engine.backends.smt.world import World
from engine.expression.functions import FUNCTIONS

MAX_POOL = 400
_MAX_VARIED = 20
_MAX_SIZE = 300
UNKNOWN = frozenset(["lowerAscii", "matches", "trim"])
"""The functions that no solver decides."""


def applications(formulas: Iterable[Term]) -> list[Term]:
    """Every application of a function on texts."""
    return [term for term in walk(formulas) if term.op == "apply"]


def walk(formulas: Iterable[Term]) -> Iterator[Term]:
    """Every term once."""
    seen: set[Term] = set()
    pending = list(formulas)
    while pending:
        term = pending.pop()
        if term not in seen:
            seen.add(term)
            yield term
            pending += term.args


def pool_of(formulas: Iterable[Term]) -> list[str]:
    """Texts to try: those of the policy, and variants of them for the functions that it calls."""
    every = list(walk(formulas))
    constants = dict.fromkeys(t.value for t in every if t.op == "constant" and t.sort == "text")
    called = {t.value for t in every if t.op == "apply"}
    sizes = [t.value for t in every if t.op == "constant" and t.sort == "int" and 0 <= t.value <= _MAX_SIZE]
    texts: dict[str, None] = dict.fromkeys(["", "1", "2", "3", *constants])
    for text in islice(constants, _MAX_VARIED):
        variants = {
            "startsWith": [text + "x"],
            "endsWith": ["x" + text],
            "contains": [f"x{text}x"],
            "lowerAscii": [text.upper(), text + "x"],
            "trim": [f" {text} "],
        }
        texts |= dict.fromkeys(v for name in called & variants.keys() for v in variants[name])
    if "size" in called:
        texts |= dict.fromkeys("x" * length for size in sizes for length in (size, size + 1))
    for name in called & {"lowerAscii", "trim"}:
        texts |= dict.fromkeys(FUNCTIONS[name].run(text) for text in list(texts))
    for name in called & {"lowerAscii", "trim"}:
        texts |= dict.fromkeys(FUNCTIONS[name].run(text) for text in list(texts))
    return list(texts)[:MAX_POOL]


def results(world: World, calls: Iterable[Term], pool: list[str]) -> Iterator[Term]:
    """What each call gives for the texts of the pool."""
    terms = world.terms
    constants = [terms.constant("text", text) for text in pool]
    for call in calls:
        choices = [[a] if a.op == "constant" else constants for a in call.args]
        for given in islice(product(*choices), MAX_POOL * 4):
            same = terms.and_(map(terms.eq, call.args, given))
            yield terms.implies(same, terms.eq(call, terms.apply(call.value, call.sort, given)))


def too_long(world: World, variables: Mapping[str, Term], formulas: Iterable[Term]) -> Iterator[Term]:
    """That no text equals one of the policy's that is longer than the facts check accepts."""
    terms = world.terms
    constants = [t for t in walk(formulas) if t.op == "constant" and t.sort == "text"]
    for name, variable in variables.items():
        if variable.sort == "text":
            longest = world.type_of(name).max_length
            yield from (terms.not_(terms.eq(variable, c)) for c in constants if len(c.value) > longest)


def within_pool(world: World, variables: Mapping[str, Term], pool: list[str]) -> Iterator[Term]:
    """That each text is one of the pool."""
    terms = world.terms
    for name, variable in variables.items():
        if variable.sort == "text":
            longest = world.type_of(name).max_length
            yield terms.or_(terms.eq(variable, terms.constant("text", t)) for t in pool if len(t) <= longest)
