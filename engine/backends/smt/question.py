"""Ask whether there is an input with a property: an input, a proof that there is none, or why neither was found."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.backends.smt.bound import items_needed
from engine.backends.smt.ground import Ground
from engine.backends.smt.model import Model
from engine.backends.smt.terms import Term
from engine.backends.smt.texts import (
    UNKNOWN,
    applications,
    pool_of,
    results,
    too_long,
    walk,
    within_pool,
)
from engine.backends.smt.world import World
from engine.backends.smt.z3_solver import Z3

EFFORT = 20_000_000
"""The limit of one question in z3's own unit, so that the answer does not depend on the machine."""
MAX_ITEMS = 24
"""The largest number of items of a list that a question is asked about."""
FEW_ITEMS = 4
"""Where any number of items can matter, an input is looked for among short lists."""


@dataclass(frozen=True, slots=True)
class Found:
    """An input. `certain` says that nothing was left to chance, such as a function on texts, so the engine must confirm it."""

    model: Model
    sizes: Mapping[str, int]
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Nothing:
    """There is no such input. `sizes` has the number of items that had to be looked at, for each list."""

    sizes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Unknown:
    """Why neither was found."""

    why: str


Answer = Found | Nothing | Unknown


@dataclass(frozen=True, slots=True)
class Limits:
    """`seconds` is a limit for people who do not want to wait. `assumed_items` is assumed where no bound can be derived."""

    effort: int = EFFORT
    seconds: float | None = None
    assumed_items: int | None = None

    @property
    def milliseconds(self) -> int | None:
        return None if self.seconds is None else max(1, int(self.seconds * 1000))


USUAL = Limits()


def ask(world: World, question: Term, limits: Limits = USUAL) -> Answer:
    """Whether some facts and moment make the question true."""
    if question.op == "constant" and not question.value:
        return Nothing({})
    try:
        sizes = sizes_for(world, question, limits)
        if not isinstance(sizes, Unknown):
            return _asked(world, question, sizes, limits)
        needed = items_needed(world, question)
        few = {path: min(size, world.types[path].max_items, FEW_ITEMS) for path, size in needed.items()}
        answer = _asked(world, question, {path: int(size) for path, size in few.items()}, limits)
        return answer if isinstance(answer, Found) else sizes
    except RecursionError:
        return Unknown("the policy is too large")


def _asked(world: World, question: Term, sizes: Mapping[str, int], limits: Limits) -> Answer:
    ground = Ground(world, sizes)
    formulas = [ground.of(question)]
    assumed = [*ground.assumed(), *too_long(world, ground.variables, formulas)]
    return _decide(world, ground, [*formulas, *assumed], limits)


def ask_each(world: World, questions: Sequence[Term], limits: Limits = USUAL) -> list[Answer]:
    """Ask several questions about the same facts, which costs less than asking them one by one."""
    sizes: dict[str, int] = {}
    for question in questions:
        own = sizes_for(world, question, limits)
        if isinstance(own, Unknown):
            return [ask(world, question, limits) for question in questions]
        sizes = {path: max(sizes.get(path, 0), own.get(path, 0)) for path in {*sizes, *own}}
    ground = Ground(world, sizes)
    formulas = [ground.of(question) for question in questions]
    assumed = [*ground.assumed(), *too_long(world, ground.variables, formulas)]
    if applications([*formulas, *assumed]):
        return [ask(world, question, limits) for question in questions]
    z3 = Z3(ieee=any(term.op in ("fadd", "fsub") for term in walk(formulas)))
    z3.add(assumed)
    answers = []
    for formula in formulas:
        z3.push()
        z3.add([formula])
        answers.append(_answer(z3, ground, limits, certain=True))
        z3.pop()
    return answers


def sizes_for(world: World, question: Term, limits: Limits = USUAL) -> dict[str, int] | Unknown:
    """How many items of each list have to be looked at. A list holds no more items than its type allows."""
    sizes: dict[str, int] = {}
    for path, number in items_needed(world, question).items():
        most = world.types[path].max_items
        size = min(number, most)
        if size > MAX_ITEMS and limits.assumed_items is not None:
            size = min(limits.assumed_items, most)
        if size > MAX_ITEMS:
            if math.isinf(number):
                why = f"any number of items of `{path}` can matter together"
            else:
                why = f"{size:,.0f} items of `{path}` can matter together"
            return Unknown(f"{why}: declare `max_items` of at most {MAX_ITEMS}")
        sizes[path] = int(size)
    return sizes


def _decide(world: World, ground: Ground, formulas: list[Term], limits: Limits) -> Answer:
    ieee = any(term.op in ("fadd", "fsub") for term in walk(formulas))
    calls = applications(formulas)
    z3 = Z3(ieee=ieee)
    z3.add(formulas)
    if not calls:
        return _answer(z3, ground, limits, certain=True)
    pool = pool_of(formulas)
    z3.add(results(world, calls, pool))
    z3.push()
    z3.add(within_pool(world, ground.variables, pool))
    answer = _answer(z3, ground, limits, certain=False)
    if isinstance(answer, Found):
        return answer
    z3.pop()
    answer = _answer(z3, ground, limits, certain=False)
    if isinstance(answer, Nothing):
        return answer
    with_strings = Z3(ieee=ieee, strings=True)
    with_strings.add([*formulas, *results(world, [c for c in calls if c.value in UNKNOWN], pool)])
    return _answer(with_strings, ground, limits, certain=False)


def _answer(z3: Z3, ground: Ground, limits: Limits, *, certain: bool) -> Answer:
    verdict, why = z3.check(effort=limits.effort, milliseconds=limits.milliseconds)
    if verdict == "none":
        return Nothing(ground.sizes)
    if verdict == "unknown":
        return Unknown(_in_words(why, limits))
    values: Mapping[str, Any] = z3.values(ground.variables)
    return Found(Model(values, ground.lists), ground.sizes, certain and not z3.rounded)


def _in_words(why: str, limits: Limits) -> str:
    """z3 says `canceled` of either limit, and `timeout` only where nothing was pushed."""
    if "timeout" in why:
        return "the time was over"
    if "canceled" in why and limits.seconds is not None:
        return "the time was over, or the solver reached its limit"
    if "resource" in why or "rlimit" in why or "canceled" in why or "max." in why:
        return "the solver reached its limit"
    return f"the solver does not know ({why})"
