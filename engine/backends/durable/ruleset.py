"""Writes durable-rules rulesets: named rules, each a list of tests of one fact, in portions that its limits allow."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.backends.durable.terms import (
    Absent,
    Arithmetic,
    Constant,
    Literal,
    Operand,
    Present,
    Slot,
    Term,
    Test,
    Unfaithful,
    slots_in,
)

MAX_RULES = 50
"""Rules of one ruleset. Each matches a fact at most once, so this also keeps the rules that match one fact, and the distinct
tests at one place, far below what durable-rules can hold: it refuses the 65th of the former."""
MAX_TESTS = 1_000
MAX_PROPERTIES = 240
"""Of one fact: durable-rules refuses 256, its own among them."""
MAX_TEXT = 5_000
"""Characters up to which a text is passed as it is: durable-rules keeps lengths in 16 bits, and an escape is 12 long."""
BATCH = 250
"""Facts that are asserted at once."""

ALWAYS_THERE = "on"
CATCH_ALL = "none"
_LAST = "\x7f"
"""A character that is always escaped in texts, and so comes after whatever a text goes on with."""
_SIGNS = {"!=": "$neq", "<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte"}
_PARTS = {"+": "$add", "-": "$sub"}


@dataclass(frozen=True, slots=True)
class Rule:
    """`name` is what it answers with; several rules may have one name."""

    name: int
    term: Term


@dataclass(frozen=True, slots=True)
class Ruleset:
    """`names` are the properties of its facts; `answers` what each of its rules stands for, None for the last one."""

    text: str
    names: Mapping[Slot, str]
    answers: Mapping[str, int | None]


def write_rulesets(rules: Iterable[Rule]) -> Iterator[Ruleset]:
    """The rules in their order; the earlier a rule, the sooner it fires. Each ruleset ends with a rule that every fact matches,
    so that a session never ends before something has fired: durable-rules is not safe there."""
    portion: list[Rule] = []
    names: dict[Slot, str] = {}
    for rule in rules:
        needed = dict.fromkeys(s for literal in _in_order(rule.term) for s in slots_in(literal))
        if len(portion) == MAX_RULES or (portion and len(names.keys() | needed) > MAX_PROPERTIES):
            yield _write(portion, names)
            portion, names = [], {}
        if len(needed) > MAX_PROPERTIES:
            raise Unfaithful(
                f"{len(needed)} properties of one fact, of which at most {MAX_PROPERTIES} are allowed"
            )
        portion.append(rule)
        for slot in needed:
            names.setdefault(slot, f"p{len(names)}")
    if portion:
        yield _write(portion, names)


def _write(rules: list[Rule], names: Mapping[Slot, str]) -> Ruleset:
    written: dict[str, Any] = {}
    answers: dict[str, int | None] = {}
    for number, rule in enumerate(rules):
        tests = [{ALWAYS_THERE: 1}, *_tests(rule.term, names)]
        written[f"r{number}"] = _rule({"$and": tests}, number)
        answers[f"r{number}"] = rule.name
    written[CATCH_ALL] = _rule({ALWAYS_THERE: 1}, len(rules))
    answers[CATCH_ALL] = None
    return Ruleset(_to_json(written), names, answers)


def _rule(tests: dict[str, Any], priority: int) -> dict[str, Any]:
    return {"all": [{"m": tests}], "pri": priority, "cap": BATCH}


def _tests(term: Term, names: Mapping[Slot, str]) -> list[dict[str, Any]]:
    """Where the right side may be absent, its presence is tested first: durable-rules does not look."""
    tests: dict[str, dict[str, Any]] = {}
    for literal in _in_order(term):
        if isinstance(literal, Test):
            for slot in slots_in(literal.operand):
                if slot.nullable:
                    test = _test(Present(slot), names)
                    tests[_to_json(test)] = test
        test = _test(literal, names)
        tests[_to_json(test)] = test
    if len(tests) > MAX_TESTS:
        raise Unfaithful(f"{len(tests)} tests in one rule, of which at most {MAX_TESTS} are allowed")
    return list(tests.values())


def _in_order(term: Term) -> list[Literal]:
    """Always the same order, with tests of presence first."""
    return sorted(term, key=lambda literal: (isinstance(literal, Test), str(literal)))


def _test(literal: Literal, names: Mapping[Slot, str]) -> dict[str, Any]:
    match literal:
        case Present(slot=slot):
            return {"$ex": {names[slot]: 1}}
        case Absent(slot=slot):
            return {"$nex": {names[slot]: 1}}
        case Test(slot=slot, operator=sign, operand=operand):
            compared = {names[slot]: _operand(operand, names)}
            return compared if sign == "==" else {_SIGNS[sign]: compared}


def _operand(operand: Operand, names: Mapping[Slot, str]) -> Any:
    match operand:
        case Constant(value=str(value), kind="all that begins with"):
            return Written(write_value(value)[:-1] + f'{_LAST}"')
        case Constant(value=value):
            return Written(write_value(value))
        case Slot():
            return {"$m": names[operand]}
        case Arithmetic(operator=sign, left=left, right=right):
            return {_PARTS[sign]: {"$l": _operand(left, names), "$r": _operand(right, names)}}


@dataclass(frozen=True, slots=True)
class Written:
    """A value that is JSON already."""

    text: str


def write_value(value: Any) -> str:
    """A value as durable-rules reads it exactly: no exponents, and texts that cannot be taken for anything else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _decimal(value)
    assert isinstance(value, str)
    if len(value) > MAX_TEXT:
        return f'"#{hashlib.sha256(value.encode()).hexdigest()}"'
    return json.dumps(f"={value}").replace(_LAST, "\\u007f")


def _decimal(value: float) -> str:
    text = format(Decimal(repr(value + 0.0)), "f")
    return text if "." in text else f"{text}.0"


def _to_json(value: Any) -> str:
    if isinstance(value, Written):
        return value.text
    if isinstance(value, dict):
        return "{" + ",".join(f'"{name}":{_to_json(v)}' for name, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_to_json, value)) + "]"
    return json.dumps(value)
