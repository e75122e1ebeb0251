"""Give the variables of a question the values of concrete facts."""

from collections.abc import Iterator, Mapping
from typing import Any

from engine.backends.smt.ground import Ground
from engine.backends.smt.policy import Decided, decide
from engine.backends.smt.terms import Term, Terms
from engine.backends.smt.texts import applications, results, walk
from engine.backends.smt.translate import Translator
from engine.backends.smt.values import Record, Symbol
from engine.backends.smt.world import NOW, NULL, THERE, World
from engine.backends.smt.z3_solver import Z3
from engine.expression.types import Type
from engine.policy.validated import ValidatedPolicy


def values_of(name: str, type_: Type, value: Any) -> Iterator[tuple[str, Any]]:
    """The value of each variable of a fact."""
    if type_.optional:
        yield name + NULL, value is None
    if value is None:
        return
    if type_.kind == "record":
        for field, inner in type_.fields:
            yield from values_of(f"{name}.{field}", inner, value[field])
    elif type_.item is not None:
        for position, item in enumerate(value):
            yield f"{name}[{position}]{THERE}", True
            yield from values_of(f"{name}[{position}]", type_.item, item)
    else:
        yield name, value


def decided(validated: ValidatedPolicy) -> Decided:
    world = World(Terms(), {})
    facts = {name: world.fact(name, fact.type) for name, fact in validated.policy.facts.items()}
    return decide(Translator(world, validated, facts))


def expected(
    of: Decided, outcome: str, rule: str, matched: tuple[str, ...], outputs: Mapping[str, Any]
) -> Term:
    """That the decision is this one."""
    terms, policy = of.world.terms, of.validated.policy
    if rule == "on-error":
        return terms.and_([of.outcome(outcome), of.overlapping])
    found = [of.outcome(outcome), of.rule(rule)]
    found += [of.matched(id_) for id_ in matched]
    found += [terms.not_(of.matched(e.id)) for e in of.entries[:-1] if e.id not in matched]
    found += [
        _alike(of, of.output(name), value, policy.outputs[name].type) for name, value in outputs.items()
    ]
    return terms.and_(found)


def _alike(of: Decided, symbol: Symbol, value: Any, type_: Type) -> Term:
    """That this is the value. The items of a list may have any order."""
    terms, translator = of.world.terms, of.translator
    if value is None:
        return symbol.null
    if type_.kind == "record" and isinstance(symbol, Record):
        fields = [_alike(of, symbol.fields[name], value[name], inner) for name, inner in type_.fields]
        return terms.and_([terms.not_(symbol.null), *fields])
    item = type_.item
    if item is None:
        return translator.same(symbol, translator.constant(value, type_))

    def number(wanted: Any) -> Term:
        return translator._number(symbol, 0, lambda other, _depth: _alike(of, other, wanted, item))

    counts = [terms.eq(number(one), terms.integer(value.count(one))) for one in value]
    length = terms.eq(translator.number(symbol), terms.integer(len(value)))
    return terms.and_([terms.not_(symbol.null), length, *counts])


def verdicts(of: Decided, question: Term, facts: Mapping[str, Any], now: int) -> tuple[str, str]:
    """What z3 says about the question, and about its opposite, for these facts."""
    types = {name: fact.type for name, fact in of.validated.policy.facts.items()}
    known = dict(pair for name, type_ in types.items() for pair in values_of(name, type_, facts[name]))
    known[NOW] = now
    terms = of.world.terms
    ground = Ground(of.world, dict.fromkeys(of.world.types, 3))
    written = ground.of(question)
    pins = [
        terms.eq(variable, terms.constant(variable.sort, known[name]))
        for name, variable in ground.variables.items()
        if name in known
    ]
    pins += [
        terms.not_(variable)
        for name, variable in ground.variables.items()
        if name.endswith(THERE) and name not in known
    ]
    formulas = [written, *pins, *ground.assumed()]
    ieee = any(term.op in ("fadd", "fsub") for term in walk(formulas))
    texts = [v for v in known.values() if type(v) is str]
    texts += [t.value for t in walk(formulas) if t.op == "constant" and t.sort == "text"]
    found = []
    for goal in (written, terms.not_(written)):
        z3 = Z3(ieee=ieee)
        z3.add([goal, *pins, *ground.assumed()])
        z3.add(results(of.world, applications(formulas), list(dict.fromkeys(texts))))
        found.append(z3.check(effort=50_000_000, milliseconds=None)[0])
    return found[0], found[1]
