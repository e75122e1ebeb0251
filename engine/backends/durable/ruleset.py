"""Write durable-rules rulesets, split to stay within its limits. Each rule has a name and a list of tests of one fact."""

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
"""The maximum number of rules in a ruleset. A fact matches each rule at most once, so this also limits the matching rules and the
distinct tests per position. durable-rules rejects more than 64 matching rules."""
MAX_TESTS = 1_000
MAX_PROPERTIES = 240
"""The maximum number of properties of a fact: durable-rules rejects 256, including its own."""
MAX_TEXT = 5_000
"""Longer texts are not passed literally: durable-rules stores lengths in 16 bits, and an escaped character takes up to 12."""
BATCH = 250
"""The number of facts asserted at once."""

ALWAYS_THERE = "on"
CATCH_ALL = "none"
_LAST = "\x7f"
"""A character that is always escaped in texts, so it sorts after any character that may follow a prefix."""
_SIGNS = {"!=": "$neq", "<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte"}
_PARTS = {"+": "$add", "-": "$sub"}


@dataclass(frozen=True, slots=True)
class Rule:
    """`name` is the answer of the rule; several rules can have the same name."""

    name: int
    term: Term


@dataclass(frozen=True, slots=True)
class Ruleset:
    """`names` are the properties of its facts. `answers` has the meaning of each rule, None for the last."""

    text: str
    names: Mapping[Slot, str]
    answers: Mapping[str, int | None]


def write_rulesets(rules: Iterable[Rule]) -> Iterator[Ruleset]:
    """Write the rules in order; earlier rules fire first. Each ruleset ends with a rule that matches every fact, because
    durable-rules is not safe if a session ends before a rule has fired."""
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
    """Test first that the right-hand side is present, if it may be absent: durable-rules does not check."""
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
    """Sort the tests deterministically, with tests of presence first."""
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
    """A value that is already JSON."""

    text: str


def write_value(value: Any) -> str:
    """Write a value so that durable-rules reads it exactly: without exponents, and with texts that cannot be mistaken for other
    types."""
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
